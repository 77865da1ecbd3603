import { DchatError } from '@dchat/sdk'

export type Next = () => Promise<void>

/** A step of the way of an event. What it does before `next` comes before the others, what it does after it, after them. */
export type Step<C> = (ctx: C, next: Next) => unknown

/**
 * Runs steps one inside the other; each is awaited. A second `next()` of one step rejects with `usage/next-twice`, also
 * where the first one failed: what stands behind it never runs twice.
 */
export const runSteps = async <C>(steps: readonly Step<C>[], ctx: C, last: Next): Promise<void> => {
  let reached = -1
  const dispatch = async (index: number): Promise<void> => {
    if (index <= reached) throw new DchatError('usage/next-twice', { handler: index - 1 })
    reached = index
    const step = steps[index]
    if (step === undefined) return last()
    await step(ctx, () => dispatch(index + 1))
  }
  await dispatch(0)
}
