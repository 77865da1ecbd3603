import { DchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { hashOf } from '../wire/cbor.ts'
import type { IdentityLog } from './log-state.ts'

/** Groups of five digits for each of the two people. */
const GROUPS = 6
const GROUP_BYTES = 5
const DIGITS = 5
const PREFIX = 'dchat:safety/1/'

/** What two people compare: the address and the keys that can speak for it, so that devices and relays may change. */
export type Fingerprinted = Pick<IdentityLog, 'address' | 'currentRoot' | 'currentRecoveryHash'>

/** 32 bytes that change with the root or the recovery key, and with nothing else (identity.md). */
export const identityFingerprint = ({ address, currentRoot, currentRecoveryHash }: Fingerprinted): Uint8Array =>
  hashOf('safety-number', [address, currentRoot, currentRecoveryHash])

const groupsOf = (fingerprint: Uint8Array): readonly string[] =>
  Array.from({ length: GROUPS }, (_, at) => {
    const bytes = fingerprint.subarray(at * GROUP_BYTES, (at + 1) * GROUP_BYTES)
    // 40 bits: exact in a number.
    const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    return `${value % 10 ** DIGITS}`.padStart(DIGITS, '0')
  })

/** Twelve groups of five digits, those of the lower address first: the same on both sides. */
export const safetyNumber = (one: Fingerprinted, other: Fingerprinted): string => {
  const [first, second] = ([one, other] as const).toSorted((a, b) => compare(a.address, b.address))
  return [first, second].flatMap((log) => groupsOf(identityFingerprint(log as Fingerprinted))).join(' ')
}

const compare = (a: Address, b: Address): number => (a < b ? -1 : a > b ? 1 : 0)

const bare = (digits: string): string => digits.replace(/\s/g, '')

/** Text of a QR code. */
export const safetyQr = (digits: string): string => PREFIX + bare(digits)

/** Whether the other side's digits or QR text say the same. Throws `usage/invalid-argument` where they say nothing. */
export const isSameNumber = (digits: string, compared: string): boolean => {
  const text = compared.trim()
  const other = bare(text.toLowerCase().startsWith(PREFIX) ? text.slice(PREFIX.length) : text)
  if (!/^\d{60}$/.test(other))
    throw new DchatError('usage/invalid-argument', { name: 'compared', reason: 'a safety number has 60 digits' })
  return other === bare(digits)
}
