import type { Store, StoreWriter } from '../domain/store/store.ts'
import type { DchatError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Crypto } from '../ports/crypto.ts'
import type { Log } from '../ports/log.ts'
import type { PaymentRail } from '../ports/payment.ts'
import type { GroupEngine } from '../protocol/mls/engine.ts'
import type { MessageId } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import type { Broadcast } from '../util/broadcast.ts'
import type { Latch } from '../util/wait.ts'
import type { ClientEvent } from './client.ts'
import type { Directory } from './directory.ts'
import type { LinkPool } from './link-pool.ts'
import type { SelfKeeper } from './self.ts'
import type { Touched } from './touched.ts'

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
  /** Segments of the search index that are no longer true, by the keys of their rows, after the write that made them so. */
  readonly forgotten: Broadcast<readonly string[]>
  /** What a write may have changed in the list of conversations, after it. */
  readonly touched: Broadcast<readonly Touched[]>
  /** Open once the first reading of everything is over: nobody is written to before they were let in. */
  readonly sending: Latch
  /** What this person tells of itself. */
  readonly profile: ProfileKeeper
  /** What happens when a stranger writes, where the program decides it and not the settings. */
  readonly strangers: 'ask' | 'allow' | undefined
  /** Ways to be paid that the program brought. */
  readonly payments: readonly PaymentRail[]
  /** Aborted when the client closes. */
  readonly signal: AbortSignal
}

/** The own profile as this device signs it. */
export interface SignedForms {
  readonly version: number
  readonly full: Uint8Array
  /** Without the picture: for those who do not know this person yet. */
  readonly short: Uint8Array
}

export interface ProfileKeeper {
  changed(): void
  /** Before a transaction in which it may be needed: signing cannot happen inside. */
  prepare(core: Core): Promise<SignedForms | undefined>
  /** Queues it where somebody may not have it, before what is queued next. */
  putInto(tx: StoreWriter, core: Core, room: string): Promise<void>
}

/** What became of an own action: without `failure` it stands. */
export interface ActionOutcome {
  readonly id: MessageId
  readonly failure?: DchatError
}

/** The same with a signal of its own: platforms warn about one signal that very many listen to. */
export const branch = (core: Core): Core => ({ ...core, signal: AbortSignal.any([core.signal]) })
