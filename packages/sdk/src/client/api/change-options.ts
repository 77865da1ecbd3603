import type { Abortable } from '../../util/abort.ts'

/** Verbs of groups. Each resolves when the change stands in the conversation, for everybody; none is kept for later. */
export interface ChangeOptions extends Abortable {
  /** ms; rejects with `transport/unconfirmed`. Default 60,000. */
  readonly timeout?: number
}
