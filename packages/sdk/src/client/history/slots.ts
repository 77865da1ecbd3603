import { isDchatError } from '../../errors.ts'
import { beforeKind, kindOfSlot, SLOT_KINDS, type SlotKind } from '../../protocol/history/slots.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { refusesUs } from '../home-admission.ts'
import { proveDevice } from '../prove-device.ts'

const PAGE = 64
const OPTIONS = { timeout: 30_000 }

const own = ({ self }: Pick<Core, 'self'>) => ({ device: self.record.deviceKey, address: self.address })

/** Writes a slot as it is; an empty body takes it back. Throws `relay/quota` and the link's errors. */
export const putSlot = async (core: Core, relay: RelayUrl, slot: Uint8Array, body: Uint8Array): Promise<void> => {
  const { links, signal } = core
  await proveDevice(core, relay, { signal })
  await links.get(relay).request('archive.put', { ...own(core), slot, body }, { ...OPTIONS, signal })
}

export const getSlot = async (core: Core, relay: RelayUrl, slot: Uint8Array): Promise<Uint8Array | null> => {
  const { links, signal } = core
  await proveDevice(core, relay, { signal })
  const answer = await links.get(relay).request('archive.get', { ...own(core), slot }, { ...OPTIONS, signal })
  return answer.body
}

/** Every slot of a kind at one home relay. */
export async function* slotsOfKind(
  core: Core,
  relay: RelayUrl,
  kind: SlotKind,
): AsyncGenerator<{ readonly slot: Uint8Array; readonly body: Uint8Array }> {
  const { links, signal } = core
  await proveDevice(core, relay, { signal })
  const last = SLOT_KINDS.indexOf(kind)
  let after = beforeKind(kind)
  while (true) {
    const params = { ...own(core), limit: PAGE, after }
    const { slots } = await links.get(relay).request('archive.list', params, { ...OPTIONS, signal })
    for (const { slot, body } of slots) {
      if (kindOfSlot(slot) === kind) yield { slot, body }
      // Another kind of a later version stands behind all that this one knows.
      if ((slot[0] as number) > last) return
      after = slot
    }
    if (slots.length === 0) return
  }
}

/**
 * Runs the work at each home relay, one after the other; those that fail do not hold up the others. The first reason is thrown
 * at the end. One that refuses this person holds nothing, and gets everything when it takes them.
 */
export const atEach = async (core: Core, work: (relay: RelayUrl) => Promise<void>): Promise<void> => {
  const failures: unknown[] = []
  for (const relay of core.self.relays) {
    if (await core.store.read((tx) => refusesUs(tx, relay))) continue
    try {
      await work(relay)
    } catch (error) {
      core.signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
