import type { Keyboard } from '../events/event.ts'

type Button = Keyboard[number][number]

/** What is a keyboard. */
export interface Rows {
  rows(): Keyboard
}

/** Buttons in rows: `keyboard().button('Yes', 'y').button('No', 'n').row().link('Rules', 'https://…')`. */
export interface KeyboardBuilder extends Rows {
  /** `data` comes back when it is pressed: at most 64 bytes of UTF-8. */
  button(text: string, data: string): KeyboardBuilder
  /** Opens a page; `https:` only. */
  link(text: string, url: string): KeyboardBuilder
  /** What follows stands below. */
  row(): KeyboardBuilder
}

const builder = (rows: readonly (readonly Button[])[]): KeyboardBuilder => {
  const add = (button: Button) => builder([...rows.slice(0, -1), [...(rows.at(-1) ?? []), button]])
  return {
    button: (text, data) => add({ text, callback: data }),
    link: (text, url) => add({ text, url }),
    row: () => (rows.at(-1)?.length === 0 ? builder(rows) : builder([...rows, []])),
    rows: () => rows.filter((row) => row.length > 0).map((row) => [...row]),
  }
}

/** A keyboard to be filled. Each call gives another one: one that was begun can be used for several. */
export const keyboard = (): KeyboardBuilder => builder([[]])
