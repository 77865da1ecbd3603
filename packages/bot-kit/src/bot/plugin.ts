import type { Next, Step } from './compose.ts'
import type { Context } from './context.ts'

declare const adds: unique symbol

/** Middleware that adds `A` to the context of what stands behind it. */
export interface Plugin<A extends object> {
  readonly run: Step<Context>
  readonly [adds]?: A
}

/** A plugin of one's own: assign what it adds before `next`. */
export const plugin = <A extends object>(run: (ctx: Context & Partial<A>, next: Next) => unknown): Plugin<A> => ({
  run: (ctx, next) => run(ctx as Context & Partial<A>, next),
})

/** Adds what `make` returns: `.use(adding(async (ctx) => ({ customer: await find(ctx.from.id) })))`. */
export const adding = <A extends object>(make: (ctx: Context) => A | Promise<A>): Plugin<A> =>
  plugin(async (ctx, next) => {
    Object.assign(ctx, await make(ctx))
    await next()
  })
