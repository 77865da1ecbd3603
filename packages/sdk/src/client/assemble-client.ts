import type { Store } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Crypto } from '../ports/crypto.ts'
import type { Log } from '../ports/log.ts'
import type { PaymentRail } from '../ports/payment.ts'
import type { Transport } from '../ports/transport.ts'
import type { NewIdentity, RestoredIdentity } from '../protocol/identity/identity.ts'
import { groupEngineWith } from '../protocol/mls/group-engine.ts'
import type { Address, RelayUrl } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import { Broadcast } from '../util/broadcast.ts'
import { Latch } from '../util/wait.ts'
import type { Client, ClientEvent } from './client.ts'
import type { ActionOutcome, Core } from './core.ts'
import { Directory } from './directory.ts'
import { LinkPool } from './link-pool.ts'
import { OwnProfile } from './people/own-profile.ts'
import { getRegister } from './personal/registers.ts'
import { RunningClient } from './running-client.ts'
import { tellingForgotten } from './search/forgotten.ts'
import { openSelf } from './self.ts'
import { type Touched, tellingTouched } from './touched.ts'

/** What a client is made of: for those who bring their own platform. */
export interface ClientParts {
  /** Needed when the store is empty: `createIdentity(…)` or `restoreIdentity(phrase)`. */
  readonly identity?: NewIdentity | RestoredIdentity
  /** Home relays of a new identity; where to look for a restored one. */
  readonly relays?: readonly RelayUrl[]
  /** The device's name, for people; at most 64 characters. */
  readonly deviceName?: string
  /** Sealed storage, opened and owned by the caller (`openNodeStore`, `openBrowserStore`, `sealedStore`). */
  readonly store: Store
  readonly transport: Transport
  readonly crypto: Crypto
  readonly clock: Clock
  readonly log?: Log
  /** Delivery and read reports to others; default: in conversations of at most 50 people. */
  readonly reports?: boolean
  /** What happens when a stranger writes, whatever the settings say: `allow` suits bots. Default: the setting, 'ask'. */
  readonly strangers?: 'ask' | 'allow'
  /** Ways to be paid, at the payee's device. A way that none of them serves is paid by hand. The caller closes them. */
  readonly payments?: readonly PaymentRail[]
  /** Runs once after `close` has released the client's own resources: the place to close the store. */
  readonly onClose?: () => Promise<void>
  /** Somebody else has the store from now on: the client ends at once, without a last flush. */
  readonly lost?: AbortSignal
  /** Deletes the store of a burner identity whose time is over (`createIdentity` with `expiresAt`). */
  readonly onExpired?: () => Promise<void>
}

const nothing = async (): Promise<void> => undefined

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/**
 * Opens the client of a store: reads what is there, touches no network. Throws `identity/none` for an empty store
 * without an identity, `identity/expired` for a burner whose time is over, `identity/exists` if the store belongs to another one, and the storage's errors.
 */
export const assembleClient = async (options: ClientParts): Promise<Client> => {
  const { store, transport, crypto, clock, log = SILENT } = options
  const closing = new AbortController()
  const self = await openSelf(store, crypto, {
    identity: options.identity,
    relays: options.relays ?? [],
    deviceName: options.deviceName,
  })
  const { expiresAt } = self.record
  if (expiresAt !== undefined && expiresAt <= clock.now()) {
    await options.onExpired?.()
    throw new DchatError('identity/expired', {})
  }
  const events = new Broadcast<ClientEvent>()
  const links = new LinkPool(transport, clock)
  const onNewKeys = async (address: Address) => {
    // Whoever compared safety numbers hears that they are others now.
    const verified = await store.read((tx) => getRegister(tx, 'verified', address))
    if (verified !== undefined) events.emit({ type: 'verification-changed', address })
  }
  const directory = new Directory(store, links, events, crypto, onNewKeys, async (relay, log) =>
    (await import('./later.ts')).holdToLog(core, relay, log),
  )
  const forgotten = new Broadcast<readonly string[]>()
  const touched = new Broadcast<readonly Touched[]>()
  const core: Core = {
    store: tellingTouched(
      tellingForgotten(store, (keys) => forgotten.emit(keys)),
      touched,
    ),
    crypto,
    clock,
    log,
    self,
    directory,
    links,
    events,
    engine: groupEngineWith(() => import('./later.ts'), {
      crypto,
      certified: (identity) => directory.isCertified(identity),
    }),
    updates: new Broadcast<Message>(),
    acted: new Broadcast<ActionOutcome>(),
    forgotten,
    touched,
    sending: new Latch(),
    strangers: options.strangers,
    profile: new OwnProfile(),
    payments: options.payments ?? [],
    signal: closing.signal,
  }
  await directory.learn([self.record.log])
  const client = new RunningClient(core, closing, {
    reports: options.reports,
    onClose: options.onClose ?? nothing,
    onExpired: options.onExpired ?? nothing,
  })
  const drop = () => {
    closing.abort(new DchatError('usage/closed', { what: 'client' }))
    void client.close()
  }
  if (options.lost?.aborted) drop()
  else options.lost?.addEventListener('abort', drop, { once: true })
  await client.load()
  return client
}
