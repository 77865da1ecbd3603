import { DchatError } from '@dchat/sdk'
import type { Handler } from './bot.ts'
import type { ContextFor } from './context.ts'
import { type KeyboardBuilder, keyboard, type Rows } from './keyboard.ts'
import { type Plugin, plugin } from './plugin.ts'

type Pressed = Handler<ContextFor<'callback'>>

/**
 * A keyboard whose buttons have their handlers with them. Given to `use`, it takes the presses; given as a `keyboard`, it is
 * shown. Buttons are known by their number: after a restart, and in messages of years ago, they mean what they mean now.
 */
export interface Menu extends Plugin<object>, Rows {
  button(text: string, pressed: Pressed): Menu
  link(text: string, url: string): Menu
  row(): Menu
}

const build = (name: string, shown: KeyboardBuilder, handlers: readonly Pressed[]): Menu => ({
  ...plugin(async (ctx, next) => {
    const [, of, index] = /^menu:([^:]+):(\d+)$/.exec(ctx.press?.data ?? '') ?? []
    const handler = of === name ? handlers[Number(index)] : undefined
    if (handler === undefined) return next()
    await handler(ctx as ContextFor<'callback'>, next)
  }),
  button: (text, pressed) => build(name, shown.button(text, `menu:${name}:${handlers.length}`), [...handlers, pressed]),
  link: (text, url) => build(name, shown.link(text, url), handlers),
  row: () => build(name, shown.row(), handlers),
  rows: () => shown.rows(),
})

/** A menu without buttons yet. Throws `usage/invalid-argument` for a name that is not 1 to 40 letters, digits, - and _. */
export const menu = (name: string): Menu => {
  if (!/^[\w-]{1,40}$/.test(name))
    throw new DchatError('usage/invalid-argument', {
      name: 'menu',
      reason: 'its name is 1 to 40 letters, digits, - and _',
    })
  return build(name, keyboard(), [])
}
