import type { Address } from '@dchat/sdk'
import { mention } from '@dchat/sdk'

/** Somebody who can be mentioned, by the name that is typed. */
export interface Mentionable {
  readonly address: Address
  readonly name: string
}

/** A word that is being typed and that suggestions are made for: `@an`, `:smi`, and `/off` where nothing else stands. */
export interface Token {
  readonly sign: '@' | ':' | '/'
  readonly text: string
  /** Where the sign stands, and where the word ends: [start, end) in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/** Longest name that is looked for behind an `@`. */
const LONGEST = 64

/** What stands before the caret and asks for suggestions; undefined if nothing does. */
export const tokenAt = (text: string, caret: number): Token | undefined => {
  const before = text.slice(0, caret)
  if (caret === text.length && /^\/[\p{L}\p{N}_-]*$/u.test(text))
    return { sign: '/', text: text.slice(1), start: 0, end: caret }
  const at = /(?:^|[\s([{])@([^\s@][^@\n]*)?$/u.exec(before.slice(-LONGEST - 2))
  if (at !== null) {
    const word = at[1] ?? ''
    return { sign: '@', text: word, start: caret - word.length - 1, end: caret }
  }
  // Two letters at least: a colon alone is a colon.
  const colon = /(?:^|[\s([{]):([\p{L}\p{N}_+-]{2,})$/u.exec(before.slice(-LONGEST - 2))
  if (colon === null) return undefined
  const word = colon[1] ?? ''
  return { sign: ':', text: word, start: caret - word.length - 1, end: caret }
}

/** The text with the token replaced, and where the caret stands then. */
export const complete = (text: string, { start, end }: Token, by: string): { text: string; caret: number } => {
  const rest = text.slice(end)
  const word = rest.startsWith(' ') ? by : `${by} `
  return { text: text.slice(0, start) + word + rest, caret: start + by.length + 1 }
}

/** Markdown in which every `@Name` of these people is a mention. The longest name wins; code is left alone. */
export const withMentions = (text: string, people: readonly Mentionable[]): string => {
  const byLength = people.filter(({ name }) => name !== '').toSorted((a, b) => b.name.length - a.name.length)
  if (byLength.length === 0 || !text.includes('@')) return text
  return outsideCode(text, (piece) => mentionsInPiece(piece, byLength))
}

const mentionsInPiece = (piece: string, people: readonly Mentionable[]): string => {
  let made = ''
  for (let i = 0; i < piece.length; ) {
    const found =
      piece[i] === '@' && isStart(piece[i - 1]) ? people.find(({ name }) => isAt(piece, i + 1, name)) : undefined
    if (found === undefined) {
      made += piece[i]
      i += 1
    } else {
      made += mention(found.address, found.name)
      i += 1 + found.name.length
    }
  }
  return made
}

const isStart = (before: string | undefined): boolean => before === undefined || !/[\p{L}\p{N}_[]/u.test(before)

const isAt = (text: string, from: number, name: string): boolean =>
  text.slice(from, from + name.length).toLowerCase() === name.toLowerCase() &&
  !/^[\p{L}\p{N}_]/u.test(text.slice(from + name.length))

const outsideCode = (text: string, change: (piece: string) => string): string => {
  let made = ''
  let at = 0
  for (const found of text.matchAll(/(`+)[^`](?:[\s\S]*?[^`])??\1(?!`)/g)) {
    made += change(text.slice(at, found.index)) + found[0]
    at = found.index + found[0].length
  }
  return made + change(text.slice(at))
}

const MENTION = /\[@((?:\\.|[^\]\\])*)\]\(dchat:[0-9a-z]+\)/g

/** The other way: markdown as it was typed, to be edited. */
export const withoutMentions = (markdown: string): string =>
  markdown.replace(MENTION, (_, name: string) => `@${name.replace(/\\(.)/g, '$1')}`)
