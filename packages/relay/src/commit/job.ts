import type { Outcome, Write, WriteResult, Writes, WriteType } from '../store/store.ts'
import type { Placed, Turn } from './turn.ts'

/** A job's share of a turn: entries that need receipts, the writes that hold them, and the answer after the commit. */
export interface Plan<T> {
  readonly placed: readonly Placed[]
  /** Called when every placed entry has its receipt. */
  readonly writes: () => readonly Write[]
  readonly answer: (outcomes: readonly Outcome[]) => T
}

/** Something to be written. `plan` decides on the turn's state; what it throws is this job's answer alone. */
export interface Job<T> {
  /** Rows that it may write: turns are bounded by their sum. */
  readonly rows: number
  /** Bytes of bodies that it may write; turns are bounded by their sum too. Default: few. */
  readonly bytes?: number
  plan(turn: Turn): Promise<Plan<T>>
}

/** The result of an outcome; throws its refusal. */
export const resultOf = (outcome: Outcome | undefined): WriteResult<WriteType> => {
  if (outcome === undefined) throw new Error('a write has no outcome')
  if (!outcome.ok) throw outcome.error
  return outcome.result
}

/** A job of one write that decides for itself inside the store. */
export const writeJob = <T extends WriteType>(
  make: (now: number) => Writes[T]['write'] & { readonly type: T },
): Job<WriteResult<T>> => ({
  rows: 1,
  plan: async (turn) => ({
    placed: [],
    writes: () => [make(turn.now)],
    answer: ([outcome]) => resultOf(outcome) as WriteResult<T>,
  }),
})
