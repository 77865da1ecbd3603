import { openCell } from '../store/bot-store.ts'
import type { Context } from './context.ts'
import { type Plugin, plugin } from './plugin.ts'

export interface SessionOptions<S> {
  /** What a session is at first: data that survive JSON. */
  readonly initial: () => S
  /** Whose it is. Default: of a person in a conversation. */
  readonly of?: 'conversation' | 'person' | ((ctx: Context) => string)
  /** Several plugins keep apart what they keep by this name. Default `session`. */
  readonly name?: string
}

const keyOf = (ctx: Context, of: SessionOptions<unknown>['of']): string => {
  if (typeof of === 'function') return of(ctx)
  if (of === 'person') return `person/${ctx.from.id}`
  const { id } = ctx.conversation
  return of === 'conversation' ? `conversation/${id}` : `both/${id}/${ctx.from.id}`
}

/**
 * `ctx.session`, kept in the bot's store: changed by handlers, written when they are done, and found again by the next event
 * and after a restart. What a handler changed that failed is not kept. Events of different conversations run side by side:
 * of a session of a person the last one to end is kept.
 */
export const session = <S extends object>({
  initial,
  of,
  name = 'session',
}: SessionOptions<S>): Plugin<{ session: S }> =>
  plugin(async (ctx, next) => {
    const key = `${name}/${keyOf(ctx, of)}`
    const cell = await openCell<S>(ctx.store, key, ctx.event.data.event_id)
    const holder = Object.assign(ctx, { session: cell.value ?? initial() })
    await next()
    await cell.save(holder.session)
  })
