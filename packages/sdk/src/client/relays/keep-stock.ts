import { isDchatError } from '../../errors.ts'
import { announceLog } from '../announce-log.ts'
import { branch, type Core } from '../core.ts'
import { stockKeyPackages } from './stock.ts'

/** ms between two looks at the stock. */
const EVERY = 3_600_000

/** Looks after the stock at every home relay until the client closes: others take packages, and what is left grows old. */
export const keepStock = async (shared: Core): Promise<void> => {
  const core = branch(shared)
  const { self, clock, log, signal } = core
  while (true) {
    await clock.sleep(EVERY, { signal })
    for (const relay of self.relays)
      try {
        // One that refused may take this person by now.
        await announceLog(core, relay)
        await stockKeyPackages(core, relay)
      } catch (error) {
        signal.throwIfAborted()
        if (!isDchatError(error)) throw error
        log.info('stock not filled', { code: error.code })
      }
  }
}
