import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Person, Role } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'

export const personOf = ({ people }: Pick<Snapshot, 'people'>, address: Address): Person | undefined =>
  people.find((person) => person.address === address)

/** Roles that may be taken out by a role: nobody is taken out from below. */
const REMOVES: Readonly<Record<Role, readonly Role[]>> = {
  owner: ['owner', 'admin', 'member'],
  admin: ['member'],
  member: [],
}

/** What is said of where a conversation lives. */
const WHERE: readonly ControlChange['kind'][] = ['hubs', 'move', 'handover']

/**
 * The permission table (groups.md): may `by` make this change at this state? True, or the reason why not. Devices
 * of people who are present, revoked devices, leave statements and successors are judged by `judgeControl`.
 */
export const permits = (snapshot: Snapshot, by: Address, change: ControlChange): true | string => {
  const author = personOf(snapshot, by)
  if (author === undefined) return 'its author is not part of the conversation'
  if (snapshot.kind === 'dm') return inDirectMessage(change)
  if (snapshot.kind === 'channel') return inChannel(snapshot, by, change)
  if (snapshot.kind === 'self') return WHERE.includes(change.kind) || 'a self-conversation has no such change'
  const leads = author.role !== 'member'
  switch (change.kind) {
    case 'remove': {
      if (change.address === by) return 'a person leaves, and does not remove themselves'
      const target = personOf(snapshot, change.address)
      if (target === undefined) return 'nobody of that address is part of the conversation'
      return (
        REMOVES[author.role].includes(target.role) ||
        `a person who is ${author.role} does not remove one who is ${target.role}`
      )
    }
    case 'role': {
      if (author.role !== 'owner') return 'only an owner gives roles'
      return personOf(snapshot, change.address) !== undefined || 'nobody of that address is part of the conversation'
    }
    case 'left':
    case 'successor':
    case 'handover':
      return true
    case 'commit-key':
      if (snapshot.commitKey?.keepers === 'owners') return author.role === 'owner' || 'only owners approve changes now'
      return leads || 'only owners and admins approve changes'
    default:
      return leads || 'only owners and admins change the group'
  }
}

const inDirectMessage = ({ kind }: ControlChange): true | string =>
  ['timer', 'pin', 'unpin', ...WHERE].includes(kind) || 'a direct message has no such change'

/** Whoever is in the group keeps its channels in step with it; the bot itself changes nothing. */
const inChannel = ({ bots }: Snapshot, by: Address, { kind }: ControlChange): true | string => {
  if (kind === 'handover') return true
  if (bots?.[0]?.address === by) return 'a bot does not change its channel'
  return ['add', 'remove', 'left', 'bot', ...WHERE].includes(kind) || 'a channel has no such change'
}

/** May `by` delete a message that somebody else wrote? */
export const moderates = (snapshot: Snapshot, by: Address, author: Address): boolean => {
  const judge = personOf(snapshot, by)
  if (snapshot.kind !== 'group' || judge === undefined) return false
  return REMOVES[judge.role].includes(personOf(snapshot, author)?.role ?? 'member')
}
