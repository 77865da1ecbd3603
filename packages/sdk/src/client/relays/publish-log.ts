import { isDchatError } from '../../errors.ts'
import { announceLog } from '../announce-log.ts'
import type { Core } from '../core.ts'
import { leftRelays } from './left-relays.ts'
import { stockKeyPackages } from './stock.ts'

/** Relays that were left tell those who look for this person there where else to look. */
export const publishLog = async (core: Core): Promise<void> => {
  const { self, store, signal } = core
  const left = await store.read(leftRelays)
  let failure: unknown
  for (const relay of [...self.relays, ...left])
    try {
      await announceLog(core, relay)
      if (self.relays.includes(relay)) await stockKeyPackages(core, relay)
    } catch (error) {
      signal.throwIfAborted()
      // One that refuses has been noted, and is asked again now and then.
      if (isDchatError(error, 'relay/not-invited')) continue
      // The others hold it all the same, and it is tried again at this one.
      failure ??= error
    }
  if (failure !== undefined) throw failure
}
