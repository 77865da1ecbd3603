import type { StoreReader } from '../../domain/store/store.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { getRegister } from '../personal/registers.ts'
import type { ProfileRecord } from '../records.ts'

/** How this person calls somebody: by the nickname it gave, else as they call themselves. */
export const nameOf = async (tx: StoreReader, address: Address): Promise<string | undefined> =>
  (await getRegister(tx, 'nickname', address)) ?? (await tx.get<ProfileRecord>('profiles', address))?.name

/** Where to look for somebody, as far as this person knows. */
export const relaysOfContact = async (tx: StoreReader, address: Address): Promise<readonly RelayUrl[]> =>
  (await getRegister(tx, 'contact', address))?.relays ?? []
