import type { StoreReader } from '../../domain/store/store.ts'
import type { RelayUrl } from '../../records/ids.ts'

/** meta/left-relays: former home relays whose inbox is read until the job `leave-relay` ends it. */
export const LEFT = 'left-relays'

export const leftRelays = async (tx: StoreReader): Promise<readonly RelayUrl[]> =>
  (await tx.get<readonly RelayUrl[]>('meta', LEFT)) ?? []
