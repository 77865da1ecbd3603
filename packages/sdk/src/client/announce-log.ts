import { encodedLog } from '../protocol/identity/log.ts'
import type { RelayUrl } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'

const TIMEOUT = 30_000

/** Gives a relay the own log as it is now, unless it has it from this device. */
export const announceLog = async ({ self, store, links, signal }: Core, relay: RelayUrl) => {
  const key = `announced/${relay}`
  const value = toHex(self.log.head)
  if ((await store.read((tx) => tx.get<string>('meta', key))) === value) return
  await links.reach(relay, { signal })
  await links.get(relay).request('identity.put', { log: encodedLog(self.log) }, { signal, timeout: TIMEOUT })
  await store.write(async (tx) => tx.put('meta', { key, value }))
}
