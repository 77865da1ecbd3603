import type { StoreReader } from '../domain/store/store.ts'
import { isDchatError } from '../errors.ts'
import { encodedLog } from '../protocol/identity/log.ts'
import type { RelayUrl } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'

const TIMEOUT = 30_000

/** meta/announced/<relay>: the head of the own log that it took; this where it takes people by invitation and refused. */
const REFUSED = 'refused'

export const announcedTo = (relay: RelayUrl): string => `announced/${relay}`

const toldTo = (tx: StoreReader, relay: RelayUrl) => tx.get<string>('meta', announcedTo(relay))

/** It takes people by invitation, and did not take this one when it was last asked. */
export const refusesUs = async (tx: StoreReader, relay: RelayUrl): Promise<boolean> =>
  (await toldTo(tx, relay)) === REFUSED

/** It knows this person. */
export const knowsUs = async (tx: StoreReader, relay: RelayUrl): Promise<boolean> =>
  ![undefined, REFUSED].includes(await toldTo(tx, relay))

/** The home relays without those that refused; all of them where all did. */
export const homesThatTakeUs = async ({ self, store }: Pick<Core, 'self' | 'store'>): Promise<readonly RelayUrl[]> => {
  const refused = await store.read((tx) => Promise.all(self.relays.map((relay) => refusesUs(tx, relay))))
  return refused.includes(false) ? self.relays.filter((_, at) => !refused[at]) : self.relays
}

/**
 * Gives a relay the own log as it is now, unless it has it from this device. Where it refuses with `relay/not-invited`, that
 * is kept and told.
 */
export const announceLog = async (core: Core, relay: RelayUrl): Promise<void> => {
  const { self, store, links, events, signal } = core
  const head = toHex(self.log.head)
  const known = await store.read((tx) => toldTo(tx, relay))
  if (known === head) return
  await links.reach(relay, { signal })
  let value = head
  let refusal: unknown
  try {
    await links.get(relay).request('identity.put', { log: encodedLog(self.log) }, { signal, timeout: TIMEOUT })
  } catch (error) {
    if (!isDchatError(error, 'relay/not-invited')) throw error
    value = REFUSED
    refusal = error
  }
  const isNew = known === REFUSED && refusal === undefined
  const admitted = isNew ? (await import('./later.ts')).admittedHome : undefined
  await store.write(async (tx) => {
    tx.put('meta', { key: announcedTo(relay), value })
    await admitted?.(tx, core, relay)
  })
  if (isNew || refusal !== undefined) events.emit({ type: 'relay-admission', relay, admitted: isNew })
  if (refusal !== undefined) throw refusal
}
