import type { StoreReader } from '../../domain/store/store.ts'
import type { Address } from '../../records/ids.ts'
import type { Profile } from '../../records/people.ts'
import type { ProfileRecord } from '../records.ts'

/** meta: the number of the own profile, for whoever needs no more. */
export const PROFILE_VERSION = 'profile-version'

/** What somebody told of itself, as far as it has come. */
export const getProfile = async (tx: StoreReader, address: Address): Promise<Profile | undefined> => {
  const record = await tx.get<ProfileRecord>('profiles', address)
  if (record === undefined) return undefined
  const { short: _, ...profile } = record
  return { address, ...profile }
}
