import type { StoreReader } from '../domain/store/store.ts'
import type { RelayUrl } from '../records/ids.ts'
import type { Core } from './core.ts'

/** meta/announced/<relay>: the head of the own log that it took; this where it takes people by invitation and refused. */
export const REFUSED = 'refused'

export const announcedTo = (relay: RelayUrl): string => `announced/${relay}`

/** It takes people by invitation, and did not take this one when it was last asked. */
export const refusesUs = async (tx: StoreReader, relay: RelayUrl): Promise<boolean> =>
  (await tx.get('meta', announcedTo(relay))) === REFUSED

/** The home relays without those that refused; all of them where all did. */
export const homesThatTakeUs = async ({ self, store }: Pick<Core, 'self' | 'store'>): Promise<readonly RelayUrl[]> => {
  const refused = await store.read((tx) => Promise.all(self.relays.map((relay) => refusesUs(tx, relay))))
  return refused.includes(false) ? self.relays.filter((_, at) => !refused[at]) : self.relays
}
