import type { DchatError } from '../../errors.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { CommitView, Member } from '../../protocol/mls/engine.ts'

/** A commit counts for nobody; `author` made it, if that is proven. */
export class VoidCommit extends Error {
  readonly author: Member | undefined
  constructor(reason: string, author?: Member) {
    super(reason)
    this.author = author
  }
}

/** A commit that everybody must take for valid, and that this device cannot follow: its path does not open here. */
export class LostCommit extends Error {
  readonly author: Member
  readonly view: CommitView
  override readonly cause: DchatError
  constructor(author: Member, view: CommitView, cause: DchatError) {
    super(cause.message)
    this.author = author
    this.view = view
    this.cause = cause
  }
}

/** What a commit says of bots, which is read by code of its own (bots.md). */
export const isBotChange = (change: ControlChange): change is Extract<ControlChange, { kind: 'bot' | 'unbot' }> =>
  change.kind === 'bot' || change.kind === 'unbot'
