import type { Store } from '../domain/store/store.ts'
import type { DchatError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Crypto } from '../ports/crypto.ts'
import type { Log } from '../ports/log.ts'
import type { GroupEngine } from '../protocol/mls/engine.ts'
import type { MessageId } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import type { Broadcast } from '../util/broadcast.ts'
import type { Latch } from '../util/wait.ts'
import type { ClientEvent } from './client.ts'
import type { Directory } from './directory.ts'
import type { LinkPool } from './link-pool.ts'
import type { SelfKeeper } from './self.ts'

/** What every part of the client works with; composed once in `create-client.ts`. */
export interface Core {
  readonly store: Store
  readonly crypto: Crypto
  readonly engine: GroupEngine
  readonly clock: Clock
  readonly log: Log
  readonly self: SelfKeeper
  readonly directory: Directory
  readonly links: LinkPool
  readonly events: Broadcast<ClientEvent>
  /** Every change of an own or arrived message, after it was stored. */
  readonly updates: Broadcast<Message>
  /** Own actions that were read back at their place, or will never be. */
  readonly acted: Broadcast<ActionOutcome>
  /** Open once the first reading of everything is over: nobody is written to before they were let in. */
  readonly sending: Latch
  /** Aborted when the client closes. */
  readonly signal: AbortSignal
}

/** What became of an own action: without `failure` it stands. */
export interface ActionOutcome {
  readonly id: MessageId
  readonly failure?: DchatError
}

/** The same with a signal of its own: platforms warn about one signal that very many listen to. */
export const branch = (core: Core): Core => ({ ...core, signal: AbortSignal.any([core.signal]) })
