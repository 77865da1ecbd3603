import { judgeControl } from '../../domain/rooms/control.ts'
import { reopenLog } from '../../protocol/identity/log.ts'
import { encodeCommitData } from '../../protocol/messages/commit-data.ts'
import { type ControlChange, controlValue } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Change } from '../../protocol/mls/engine.ts'
import { wrapEntry } from '../../protocol/topic/wrap.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import type { Role } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'
import { commitEntry } from './frame.ts'
import type { HostileMember } from './member.ts'

/** Commits that every honest member has to call void, each as a ready entry. `proven`: its author can be told. */

/** Noise in a good wrap and a good frame: nobody can say who made it. */
export const garbageCommit = (member: HostileMember): Promise<EntryUpload> =>
  commitEntry(member, member.crypto.random(400), undefined)

/** Takes a person out, whatever the permission table says of that; the author is proven. Not for the last owner. */
export const overreachingCommit = async (member: HostileMember, victim: Address): Promise<EntryUpload> => {
  const leaves = member.group.members.filter(({ address }) => address === victim).map(({ leaf }) => leaf)
  const change: Change = { kind: 'remove', leaves }
  const changes: ControlChange[] = [{ kind: 'remove', address: victim }]
  const made = await member.engine.commit(member.group, change, commitData(member, changes))
  const after = { next: made.next, snapshot: asIfAllowed(member, change, changes) }
  return commitEntry(member, made.commit, after, { removes: true })
}

/** What the change would lead to if the author's role allowed it. */
const asIfAllowed = (member: HostileMember, change: Change, changes: readonly ControlChange[]): Snapshot => {
  const { snapshot, self } = member
  const withRole = (state: Snapshot, role: Role): Snapshot => ({
    ...state,
    people: state.people.map((person) => (person.address === self.address ? { ...person, role } : person)),
  })
  const own = snapshot.people.find(({ address }) => address === self.address)?.role ?? 'member'
  return withRole(snapshotAfter({ ...member, snapshot: withRole(snapshot, 'owner') }, change, changes), own)
}

/** An update that everybody could follow, but whose frame names a topic key that nobody has; proven. */
export const wrongNextKey = async (member: HostileMember): Promise<EntryUpload> => {
  const { commit, after } = await honestCommit(member, { kind: 'update' })
  return commitEntry(member, commit, after, { nextKey: member.crypto.random(32) })
}

/** An update whose frame is bound to no state; proven. */
export const wrongBind = async (member: HostileMember): Promise<EntryUpload> => {
  const { commit, after } = await honestCommit(member, { kind: 'update' })
  return commitEntry(member, commit, after, { bind: member.crypto.random(32) })
}

/** An update whose frame claims that a device leaves; proven. */
export const falseRemoves = async (member: HostileMember): Promise<EntryUpload> => {
  const { commit, after } = await honestCommit(member, { kind: 'update' })
  return commitEntry(member, commit, after, { removes: true })
}

/** A good commit that is framed as an application message, past the compare-and-swap: void, and it spends no epoch. */
export const commitAsApplication = async (member: HostileMember): Promise<EntryUpload> => {
  const { crypto, keys, room, group } = member
  const { commit } = await honestCommit(member, { kind: 'update' })
  const { epoch } = group
  const body = await wrapEntry(crypto, keys.wrapKey, { topic: room.topic, kind: 'application', epoch }, commit)
  return { kind: 'application', epoch, reference: crypto.random(16), body }
}

/** What a commit carries: the author's log, and changes. */
export const commitData = ({ self }: HostileMember, changes: readonly ControlChange[] = []): Uint8Array =>
  encodeCommitData([self.log], changes.map(controlValue))

/** A commit as an honest client would make it, and the state after it. */
export const honestCommit = async (
  member: HostileMember,
  change: Change,
  changes: readonly ControlChange[] = [],
): Promise<{ commit: Uint8Array; after: Parameters<typeof commitEntry>[2] & object }> => {
  const made = await member.engine.commit(member.group, change, commitData(member, changes))
  return { commit: made.commit, after: { next: made.next, snapshot: snapshotAfter(member, change, changes) } }
}

/** The control state after a change, where it is permitted; else the present one. */
export const snapshotAfter = (
  { snapshot, group, self }: HostileMember,
  change: Change,
  changes: readonly ControlChange[] = [],
): Snapshot => {
  const removed = change.kind === 'remove' ? group.members.filter(({ leaf }) => change.leaves.includes(leaf)) : []
  const committer = { address: self.address, deviceKey: self.deviceKey }
  const after = judgeControl(snapshot, {
    view: { kind: change.kind, epoch: group.epoch, committer, added: [], removed },
    members: group.members,
    changes,
    logs: new Map([[self.address, reopenLog(self.log)]]),
    left: new Set(),
    ordered: new Set(),
  })
  return typeof after === 'string' ? snapshot : after
}
