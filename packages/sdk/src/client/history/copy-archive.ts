import { isDchatError } from '../../errors.ts'
import { SLOT_KINDS } from '../../protocol/history/slots.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { leftRelays } from '../relays/left-relays.ts'
import { putSlot, slotsOfKind } from './slots.ts'

/**
 * Gives a new home relay what the others hold of the archive, as it is sealed: devices that are off, or lost, do not bring
 * theirs. What stands there already is newer. Throws `relay/quota` and the link's errors.
 */
export const copyArchive = async (core: Core, to: RelayUrl): Promise<void> => {
  const { self, store, signal, log } = core
  if (!self.relays.includes(to)) return
  const held = new Set<string>()
  for (const kind of SLOT_KINDS) for await (const { slot } of slotsOfKind(core, to, kind)) held.add(toHex(slot))
  const sources = [...self.relays, ...(await store.read(leftRelays))].filter((relay) => relay !== to)
  let answered = sources.length === 0
  let failure: unknown
  for (const from of sources) {
    try {
      for (const kind of SLOT_KINDS)
        for await (const { slot, body } of slotsOfKind(core, from, kind)) {
          if (held.has(toHex(slot))) continue
          await putSlot(core, to, slot, body)
          held.add(toHex(slot))
        }
      answered = true
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error, 'transport/unreachable') || error.details.relay === to) throw error
      log.info('archive not copied', { code: error.code })
      failure = error
    }
  }
  if (!answered) throw failure
}
