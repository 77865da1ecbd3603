import type { StoreReader } from '../../domain/store/store.ts'
import { shortAddress } from '../../protocol/identity/address.ts'
import { identityFingerprint } from '../../protocol/identity/safety-number.ts'
import type { Address } from '../../records/ids.ts'
import type { Person, Profile, Verification } from '../../records/people.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { getRegister, type RegisterValues } from '../personal/registers.ts'
import { consentOf } from './consent.ts'
import { getProfile } from './profile-rows.ts'

/** Everything that this device knows of somebody. */
export const personOf = async (core: Core, address: Address): Promise<Person> => {
  const { store, directory, self } = core
  const log = await directory.get(address)
  const { contact, nickname, verified, consent, profile } = await store.read(async (tx) => ({
    contact: await getRegister(tx, 'contact', address),
    nickname: await getRegister(tx, 'nickname', address),
    verified: await getRegister(tx, 'verified', address),
    consent: await consentOf(tx, address),
    profile: address === self.address ? await ownOf(tx, address) : await getProfile(tx, address),
  }))
  const frozen = directory.isFrozen(address)
  const relays = log === undefined ? [] : directory.relaysOf(address)
  return {
    address,
    title: nickname ?? profile?.name ?? shortAddress(address),
    isContact: contact !== undefined,
    consent,
    verification: verificationOf(verified, log && identityFingerprint(log), frozen),
    frozen,
    ...(nickname === undefined ? {} : { nickname }),
    ...(profile === undefined ? {} : { profile }),
    relays: relays.length > 0 ? relays : (contact?.relays ?? []),
  }
}

const ownOf = async (tx: StoreReader, address: Address): Promise<Profile | undefined> => {
  const profile = await getRegister(tx, 'profile', 'self')
  return profile && { address, ...profile }
}

const verificationOf = (
  verified: RegisterValues['verified'] | undefined,
  fingerprint: Uint8Array | undefined,
  frozen: boolean,
): Verification => {
  if (verified === undefined) return 'unverified'
  return !frozen && fingerprint !== undefined && equalBytes(verified.fingerprint, fingerprint) ? 'verified' : 'changed'
}
