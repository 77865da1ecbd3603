import { equalBytes, toHex } from '../../util/bytes.ts'
import type { LeafIdentity } from '../mls/engine.ts'
import { recoveryHashOf } from './address.ts'
import type { IdentityLog, LogDevice } from './log-state.ts'
import type { Roots } from './phrase.ts'

export const deviceOf = (log: IdentityLog, deviceKey: Uint8Array): LogDevice | undefined =>
  log.devices.get(toHex(deviceKey))

/** True for every device that was ever certified: a check of revocation here would block later joins (identity.md). */
export const isCertified = (log: IdentityLog, identity: LeafIdentity): boolean => {
  const device = deviceOf(log, identity.deviceKey)
  return (
    device !== undefined && log.address === identity.address && equalBytes(device.certificate, identity.certificate)
  )
}

/** Certified and not revoked at the log's head. */
export const isActive = (log: IdentityLog, deviceKey: Uint8Array): boolean => {
  const device = deviceOf(log, deviceKey)
  return device !== undefined && device.revokedAt === undefined
}

export const activeDevices = (log: IdentityLog): LogDevice[] =>
  [...log.devices.values()].filter((device) => device.revokedAt === undefined)

/** The entries as they travel and are stored. */
export const encodedLog = (log: IdentityLog): Uint8Array[] => log.entries.map((entry) => entry.encoded)

/** The index of the entry with this hash; undefined if the log does not contain that head. */
export const indexOfHead = (log: IdentityLog, head: Uint8Array): number | undefined => {
  const index = log.entries.findIndex((entry) => equalBytes(entry.hash, head))
  return index < 0 ? undefined : index
}

/** Certified and not revoked for a reader who knows the log up to and including entry `index`. */
export const isActiveAt = (log: IdentityLog, deviceKey: Uint8Array, index: number): boolean => {
  const device = deviceOf(log, deviceKey)
  return device !== undefined && device.addedAt <= index && (device.revokedAt === undefined || device.revokedAt > index)
}

/**
 * What a relay indexes a log by, so that a rotated phrase still finds it: every root key, and the hash of every
 * recovery key (32 bytes each). `lookupKeys` turns a public key of either role into the values to look for.
 */
export const indexKeys = (log: IdentityLog): Uint8Array[] => [...log.rootKeys, ...log.recoveryHashes]

export const lookupKeys = (publicKey: Uint8Array): Uint8Array[] => [publicKey, recoveryHashOf(publicKey)]

export type Standing = 'current' | 'past' | 'never'

const standing = (key: Uint8Array, ever: readonly Uint8Array[], current: Uint8Array): Standing =>
  equalBytes(key, current) ? 'current' : ever.some((other) => equalBytes(key, other)) ? 'past' : 'never'

/** What the keys of a phrase may still do in a log: a phrase that was rotated away finds its log but signs nothing. */
export const standingOf = (
  log: IdentityLog,
  roots: Pick<Roots, 'root' | 'recovery'>,
): { readonly root: Standing; readonly recovery: Standing } => ({
  root: standing(roots.root.publicKey, log.rootKeys, log.currentRoot),
  recovery: standing(recoveryHashOf(roots.recovery.publicKey), log.recoveryHashes, log.currentRecoveryHash),
})
