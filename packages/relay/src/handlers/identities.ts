import {
  type Clock,
  DchatError,
  encodedLog,
  equalBytes,
  forkPoint,
  type IdentityLog,
  indexKeys,
  lookupKeys,
  mergeLogs,
  reopenLog,
  toHex,
  type Verifier,
  verifyLogAsync,
} from '@dchat/sdk/wire'
import type { Committer } from '../commit/committer.ts'
import { resultOf } from '../commit/job.ts'
import type { Turns } from '../platform.ts'
import { type AdmissionPolicy, admitsIdentity } from '../policy/admission.ts'
import { addBranch } from '../policy/branches.ts'
import { invitationHash, needOpen, notInvited } from '../policy/invitations.ts'
import { withinQuota } from '../policy/quota.ts'
import type { IdentityRecord, Store } from '../store/store.ts'

export interface IdentitiesOptions {
  readonly store: Store
  readonly committer: Committer
  readonly clock: Pick<Clock, 'now'>
  readonly crypto: Verifier
  readonly nextTurn: Turns
  readonly policy: AdmissionPolicy
  readonly invited: ReadonlySet<string>
  readonly identityBytes: number
  readonly branches: number
}

/** What the relay knows of identity logs. */
export interface Identities {
  /**
   * Verifies and stores a log. `charge` is asked before signatures are verified, with their number; without `fork` a log
   * that contradicts a held one is refused. `invitation`: the secret that admits an identity which is not held yet.
   * Resolves to the length of the longest branch that holds it, the devices that are revoked now, and whether it was the
   * invitation that admitted it.
   */
  put(
    log: readonly Uint8Array[],
    fork: boolean,
    charge: (entries: number) => void,
    invitation?: Uint8Array,
  ): Promise<{ readonly length: number; readonly revoked: readonly Uint8Array[]; readonly admitted: boolean }>
  /** Every held branch, by address. */
  byAddress(address: string): Promise<readonly (readonly Uint8Array[])[]>
  /** Every held branch of every identity that ever had this root or recovery key. */
  byKey(key: Uint8Array): Promise<readonly (readonly Uint8Array[])[]>
  /** Devices of an address that are certified and not revoked. */
  activeDevices(address: string): Promise<Uint8Array[]>
  /** True if some identity held here certifies the device and has not revoked it. */
  isActive(device: Uint8Array, address?: string): Promise<boolean>
  /** True if identities held here know the device, and all of them have revoked it. */
  isRevoked(device: Uint8Array): Promise<boolean>
}

/** Verified logs that are kept, so that a longer version costs only its new signatures. */
const REMEMBERED = 1_000

export const createIdentities = (options: IdentitiesOptions): Identities => {
  const { store, committer, clock, crypto, nextTurn } = options
  const verified = new Map<string, readonly IdentityLog[]>()

  const remember = (address: string, branches: readonly IdentityLog[]): void => {
    verified.delete(address)
    verified.set(address, branches)
    if (verified.size > REMEMBERED) verified.delete(verified.keys().next().value as string)
  }

  /** The held branches as verified logs; what is stored was verified before it was stored. */
  const branchesOf = (record: IdentityRecord | undefined): readonly IdentityLog[] => {
    if (!record) return []
    const known = verified.get(record.address)
    if (
      known &&
      known.length === record.branches.length &&
      known.every((log, i) => isSame(log, record.branches[i] ?? []))
    )
      return known
    const branches = record.branches.map((branch) => reopenLog(branch))
    remember(record.address, branches)
    return branches
  }

  /** The hash of the invitation that an identity which is not held yet needs. Throws `relay/not-invited`. */
  const admission = async (address: string, secret: Uint8Array | undefined): Promise<Uint8Array | undefined> => {
    if (admitsIdentity(options.policy, options.invited, address)) return undefined
    if (secret === undefined) throw notInvited('none')
    const hash = invitationHash(secret)
    needOpen(await store.invitation(hash), clock.now())
    return hash
  }

  const put: Identities['put'] = async (encoded, fork, charge, secret) => {
    withinQuota('bytes of one identity', options.identityBytes, 0, sizeOf(encoded))
    const first = await verifyLogAsync(crypto, encoded.slice(0, 1))
    const held = branchesOf(await store.identity(first.address))
    const known = nearest(held, encoded)
    // Also what is refused below: nobody tries invitations, or makes us read logs, for nothing.
    charge(encoded.length - shared(known, encoded))
    const hash = held.length > 0 ? undefined : await admission(first.address, secret)
    const log = await verifyInSlices(crypto, encoded, known, nextTurn)
    return committer.submit({
      rows: 2,
      plan: async (turn) => {
        const record = await turn.identity(log.address)
        const before = branchesOf(record)
        if (!fork && before.some((branch) => forkPoint(branch, log) !== undefined))
          throw new DchatError('relay/conflict', { what: 'another log of this identity' })
        const branches = addBranch(before, log, options.branches)
        const length = Math.max(...branches.map(({ entries }) => entries.length))
        if (branches === before)
          return { placed: [], writes: () => [], answer: () => ({ length, revoked: [], admitted: false }) }
        const next = recordOf(branches)
        withinQuota('bytes of one identity', options.identityBytes, 0, sizeOf(next.branches.flat()))
        turn.planIdentity(next)
        remember(next.address, branches)
        return {
          placed: [],
          writes: () => [{ type: 'identity.put', record: next, ...(hash && { invitation: { hash, time: turn.now } }) }],
          answer: ([outcome]) => {
            resultOf(outcome)
            const revoked = next.devices.filter((each) => each.revoked).map(({ device }) => device)
            return { length, revoked, admitted: hash !== undefined }
          },
        }
      },
    })
  }

  return {
    put,
    byAddress: async (address) => (await store.identity(address))?.branches ?? [],
    byKey: async (key) => {
      const logs: (readonly Uint8Array[])[] = []
      let left = options.identityBytes
      const found = await Promise.all(lookupKeys(key).map((indexed) => store.addressesOfKey(indexed, options.branches)))
      for (const address of new Set(found.flat()))
        for (const branch of (await store.identity(address))?.branches ?? []) {
          left -= sizeOf(branch)
          if (left < 0 || logs.length === options.branches) return logs
          logs.push(branch)
        }
      return logs
    },
    activeDevices: async (address) =>
      ((await store.identity(address))?.devices ?? []).filter(({ revoked }) => !revoked).map(({ device }) => device),
    isActive: (device, address) => store.isActiveDevice(device, address),
    isRevoked: (device) => store.isRevokedDevice(device),
  }
}

const sizeOf = (log: readonly Uint8Array[]): number => log.reduce((sum, entry) => sum + entry.length, 0)

/** Index keys, in hex, whose holders have signed in the log: those of its entries, and the new key of a rotation. */
const shownKeys = ({ entries }: IdentityLog): string[] =>
  entries
    .flatMap(({ content }) => (content ? [content.key, ...('key' in content.body ? [content.body.key] : [])] : []))
    .flatMap(lookupKeys)
    .map(toHex)

/** Entries are chained by hash, so the last one stands for all. */
const isSame = ({ entries }: IdentityLog, stored: readonly Uint8Array[]): boolean =>
  entries.length === stored.length &&
  equalBytes(entries.at(-1)?.encoded ?? new Uint8Array(), stored.at(-1) ?? new Uint8Array())

/** Signatures verified in one go: others wait meanwhile. */
const SLICE = 32

const verifyInSlices = async (
  crypto: Verifier,
  encoded: readonly Uint8Array[],
  known: IdentityLog | undefined,
  nextTurn: Turns,
): Promise<IdentityLog> => {
  let verified = known
  for (let end = shared(known, encoded) + SLICE; end < encoded.length; end += SLICE) {
    verified = await verifyLogAsync(crypto, encoded.slice(0, end), { known: verified })
    await nextTurn()
  }
  return verifyLogAsync(crypto, encoded, { known: verified })
}

const shared = (known: IdentityLog | undefined, encoded: readonly Uint8Array[]): number => {
  const entries = known?.entries ?? []
  const differs = encoded.findIndex((entry, index) => !equalBytes(entry, entries[index]?.encoded ?? new Uint8Array()))
  return differs < 0 ? encoded.length : differs
}

const nearest = (held: readonly IdentityLog[], encoded: readonly Uint8Array[]): IdentityLog | undefined =>
  [...held].sort((a, b) => shared(b, encoded) - shared(a, encoded))[0]

/**
 * What is stored beside the branches. At a fork that nothing settles a device counts as revoked if any branch says so:
 * the relay does not judge which branch is right.
 */
const recordOf = (branches: readonly IdentityLog[]): IdentityRecord => {
  const merged = mergeLogs(undefined, branches)
  const deciding = merged.kind === 'frozen' ? merged.branches : [merged.log]
  const devices = new Map<string, { device: Uint8Array; revoked: boolean }>()
  for (const { devices: of } of deciding)
    for (const [name, { deviceKey, revokedAt }] of of)
      devices.set(name, { device: deviceKey, revoked: revokedAt !== undefined || devices.get(name)?.revoked === true })
  const shown = new Set(branches.flatMap(shownKeys))
  const keys = new Map(branches.flatMap(indexKeys).map((key) => [toHex(key), key]))
  return {
    address: (branches[0] as IdentityLog).address,
    branches: branches.map(encodedLog),
    keys: [...keys].map(([name, key]) => ({ key, shown: shown.has(name) })),
    devices: [...devices.values()],
  }
}
