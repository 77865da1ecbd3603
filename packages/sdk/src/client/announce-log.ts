import type { StoreReader } from '../domain/store/store.ts'
import { isDchatError } from '../errors.ts'
import { encodedLog } from '../protocol/identity/log.ts'
import type { RelayUrl } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'
import { announcedTo, REFUSED } from './home-admission.ts'
import { admittedHome } from './relays/follow-home.ts'

const TIMEOUT = 30_000

/** It knows this person. */
export const knowsUs = async (tx: StoreReader, relay: RelayUrl): Promise<boolean> =>
  ![undefined, REFUSED].includes(await tx.get<string>('meta', announcedTo(relay)))

/**
 * Gives a relay the own log as it is now, unless it has it from this device. Where it refuses with `relay/not-invited`, that
 * is kept and told.
 */
export const announceLog = async (core: Core, relay: RelayUrl): Promise<void> => {
  const { self, store, links, events, signal } = core
  const head = toHex(self.log.head)
  const known = await store.read((tx) => tx.get<string>('meta', announcedTo(relay)))
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
  await store.write(async (tx) => {
    tx.put('meta', { key: announcedTo(relay), value })
    if (isNew) await admittedHome(tx, core, relay)
  })
  if (isNew || refusal !== undefined) events.emit({ type: 'relay-admission', relay, admitted: isNew })
  if (refusal !== undefined) throw refusal
}
