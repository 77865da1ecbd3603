import type { StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import { openProfile, type SignedProfile } from '../../protocol/messages/profile.ts'
import type { Address } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import type { ProfileRecord } from '../records.ts'
import { isBlocked } from './consent.ts'

/** Puts a profile where it is newer than what is known; true if it was. */
export type PutProfile = (tx: StoreWriter) => Promise<boolean>

/** Judges a profile that somebody sent of themselves; undefined if it is malformed, forged or of somebody else. */
export const arrivedProfile = async (core: Core, from: Address, bytes: Uint8Array): Promise<PutProfile | undefined> => {
  const opened = await genuine(core, from, bytes)
  if (opened === undefined) return undefined
  const { profile, short } = opened
  const { address: _, ...said } = profile
  const record: ProfileRecord = { ...said, ...(short ? { short } : {}) }
  return async (tx) => {
    // The own one comes through the registers.
    if (from === core.self.address || (await isBlocked(tx, from))) return false
    const known = await tx.get<ProfileRecord>('profiles', from)
    if (known !== undefined && !isNewer(record, known)) return false
    tx.put('profiles', { key: from, value: record })
    return true
  }
}

const genuine = async (core: Core, from: Address, bytes: Uint8Array): Promise<SignedProfile | undefined> => {
  const { crypto, directory, log } = core
  try {
    const opened = await openProfile(crypto, bytes)
    await directory.get(from)
    if (opened.profile.address === from && directory.isActive(from, opened.deviceKey)) return opened
    log.info('profile dropped', { code: 'identity/untrusted-key' })
  } catch (error) {
    if (!isDchatError(error)) throw error
    log.info('profile dropped', { code: error.code })
  }
  return undefined
}

/** Of one number the whole profile says more than its short form. */
const isNewer = (arrived: ProfileRecord, known: ProfileRecord): boolean =>
  arrived.version > known.version || (arrived.version === known.version && known.short === true && !arrived.short)
