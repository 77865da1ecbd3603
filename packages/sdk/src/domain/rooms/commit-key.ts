import { type CommitKey, KEEPERS_LIMIT } from '../../protocol/messages/commit-key.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { type Keepers, ROLES, type Role } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'

const HOLD: Readonly<Record<Keepers, readonly (Role | undefined)[]>> = {
  admins: ['owner', 'admin'],
  owners: ['owner'],
}

/** Devices in the order of their turns at what any of them may do: owners', admins', members', each in leaf order. */
export const byRole = <T extends Pick<Member, 'address' | 'leaf'>>(
  { people }: Pick<Snapshot, 'people'>,
  members: readonly T[],
): readonly T[] => {
  const roles = new Map(people.map(({ address, role }) => [address, ROLES.indexOf(role)]))
  const rank = ({ address }: T) => roles.get(address) ?? ROLES.length
  return [...members].sort((a, b) => rank(a) - rank(b) || a.leaf - b.leaf)
}

/** The devices that hold the key, in the order of their turns. */
export const keepersOf = (
  { people }: Pick<Snapshot, 'people'>,
  members: readonly Member[],
  keepers: Keepers,
): readonly Member[] => {
  const held = members.filter(({ address }) =>
    HOLD[keepers].includes(people.find((person) => person.address === address)?.role),
  )
  return byRole({ people }, held).slice(0, KEEPERS_LIMIT)
}

export interface WantedKey {
  readonly keepers: Keepers
  readonly devices: readonly Member[]
}

/**
 * The commit key that the successor of a topic needs, and who holds it and so opens the successor; undefined where it needs
 * none. A void commit whose author is not proven calls for one; a second one, which somebody with the key has approved, for
 * one of the owners alone. What was called for once stays until it is lifted.
 */
export const wantedKey = (
  { kind, people, commitKey }: Pick<Snapshot, 'kind' | 'people' | 'commitKey'>,
  members: readonly Member[],
  offender: Address | undefined,
): WantedKey | undefined => {
  if (kind !== 'group' || (offender !== undefined && commitKey === undefined)) return undefined
  const first: Keepers = commitKey === undefined ? 'admins' : offender === undefined ? 'owners' : commitKey.keepers
  const others = members.filter(({ address }) => address !== offender)
  for (const keepers of [first, 'admins'] as const) {
    const devices = keepersOf({ people }, others, keepers)
    if (devices.length > 0) return { keepers, devices }
  }
  return undefined
}

/** True if the key has one box for each of these devices, in their order. */
export const isSealedTo = ({ boxes }: CommitKey, devices: readonly Pick<Member, 'deviceKey'>[]): boolean =>
  boxes.length === devices.length &&
  boxes.every(({ device }, at) => equalBytes(device, devices[at]?.deviceKey ?? new Uint8Array(0)))

/** Why the commit key of a successor is none: it is there where one is wanted, made by one of its keepers, sealed to all. */
export const successorKeyProblem = (
  state: Snapshot,
  members: readonly Member[],
  committer: Pick<Member, 'deviceKey'>,
  { offender, commitKey }: { readonly offender?: Address; readonly commitKey?: CommitKey },
): string | undefined => {
  const wanted = wantedKey(state, members, offender)
  if (wanted === undefined) return commitKey === undefined ? undefined : 'a commit key that nothing called for'
  const { keepers, devices } = wanted
  if (!devices.some(({ deviceKey }) => equalBytes(deviceKey, committer.deviceKey)))
    return 'a successor of somebody who does not hold its commit key'
  if (commitKey?.keepers !== keepers || !isSealedTo(commitKey, devices)) return 'a commit key that is sealed to others'
  return undefined
}

/** Why a commit key cannot follow the present one; undefined as the next: it is lifted. */
export const renewalProblem = (
  state: Snapshot,
  members: readonly Member[],
  next: CommitKey | undefined,
): string | undefined => {
  const { commitKey } = state
  if (commitKey === undefined) return 'a commit key that nothing called for'
  if (next === undefined) return undefined
  if (next.keepers !== commitKey.keepers || equalBytes(next.key, commitKey.key)) return 'another commit key than is due'
  return isSealedTo(next, keepersOf(state, members, next.keepers)) ? undefined : 'a commit key that is sealed to others'
}

/** What the frame of a commit has to say of the commit key: at the beginning of a topic what it is, then what changes. */
export const framedKey = (
  before: Snapshot['commitKey'],
  after: Snapshot['commitKey'],
  isFirst: boolean,
): Uint8Array | null | undefined => {
  if (isFirst || before === undefined) return after?.key
  if (after === undefined) return null
  return equalBytes(before.key, after.key) ? undefined : after.key
}
