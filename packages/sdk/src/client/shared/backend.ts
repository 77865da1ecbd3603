import type { Abortable } from '../../util/abort.ts'
import type { CallName, StreamName } from './methods.ts'
import type { Facts } from './protocol.ts'

/** Whoever worked for this tab does so no longer: the call is made again of the next one. Never seen by an app. */
export class OwnerGone extends Error {
  override readonly name = 'OwnerGone'

  constructor() {
    super('the owner of the store went away')
  }
}

/** A stream at one owner, one item at a time: asking for the next one acknowledges the one before. */
export interface Puller {
  next(): Promise<IteratorResult<unknown>>
  /** Ends it there too; nobody waits for that. */
  close(): void
}

/** Who does the work: the client of this very tab, or the one of another. Everything rejects with `OwnerGone` when it is over. */
export interface Backend {
  facts(): Facts
  call(name: CallName, args: readonly unknown[], options?: Abortable): Promise<unknown>
  open(name: StreamName, args: readonly unknown[]): Puller
}
