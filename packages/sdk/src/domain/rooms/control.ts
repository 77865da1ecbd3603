import { deviceOf, type IdentityLog, isActive } from '../../protocol/identity/log.ts'
import type { ControlChange, RemovalOrder } from '../../protocol/messages/control-change.ts'
import { DM_TERMS, PEOPLE_LIMIT, PINS_LIMIT, type Snapshot, TERM_LIMIT } from '../../protocol/messages/snapshot.ts'
import type { CommitView, LeafIdentity, Member } from '../../protocol/mls/engine.ts'
import { areSameHubs, type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import type { Person } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { renewalProblem, successorKeyProblem } from './commit-key.ts'
import { leavesOf } from './leaves.ts'
import { permits, personOf } from './permissions.ts'

type Device = Pick<LeafIdentity, 'address' | 'deviceKey'>

/** What of a commit decides: its author, and the devices that come and go. */
export interface ControlView {
  readonly kind: CommitView['kind']
  /** The parent epoch. */
  readonly epoch: number
  readonly committer: Device
  readonly added: readonly Device[]
  readonly removed: readonly (Device & Pick<Member, 'leaf'>)[]
}

export interface ControlContext {
  readonly view: ControlView
  /** The parent epoch's. */
  readonly members: readonly Member[]
  readonly changes: readonly ControlChange[]
  /** The identity logs that the commit carries, each verified by itself: nothing else decides about devices. */
  readonly logs: ReadonlyMap<Address, IdentityLog>
  /** People whose leave statement in this commit was verified. */
  readonly left: ReadonlySet<Address>
  /** People of whose removal the commit carries an order that was verified. */
  readonly ordered: ReadonlySet<Address>
  /** The void commit that a successor topic answers; set for the first commit of a successor only. */
  readonly voided?: { readonly topic: Uint8Array; readonly seq: number; readonly offender?: Address }
  /** What the first commit of a topic at another hub must say; `at`: where the old topic ended by choice. Set for that one only. */
  readonly handover?: ExpectedHandover
  /** Judges what a commit says of bots, whose manifests are verified (bots.md); set where it says something. */
  readonly bots?: (state: Snapshot, by: Address, change: BotChange) => Snapshot | string
}

export interface ExpectedHandover {
  readonly topic: Uint8Array
  readonly hub: Hub
  readonly at?: { readonly seq: number; readonly head: Uint8Array }
}

export type BotChange = Extract<ControlChange, { readonly kind: 'bot' | 'unbot' }>

class Refused extends Error {}

const must: (holds: boolean, reason: string) => asserts holds = (holds, reason) => {
  if (!holds) throw new Refused(reason)
}

const mustNot = (problem: string | undefined): void => {
  if (problem !== undefined) throw new Refused(problem)
}

/**
 * The control state after a commit, or the reason why the commit is void (groups.md). A pure function of the parent
 * epoch's state and of what the commit itself says, so every member comes to the same answer.
 */
export const judgeControl = (snapshot: Snapshot, context: ControlContext): Snapshot | string => {
  try {
    return judged(snapshot, context)
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

const judged = (snapshot: Snapshot, context: ControlContext): Snapshot => {
  const { view, members, changes } = context
  const { address } = view.committer
  must(personOf(snapshot, address) !== undefined, 'its author is not part of the conversation')
  mustBeActive(snapshot, context, view.committer)
  must((context.voided !== undefined) === (changes[0]?.kind === 'successor'), 'a successor that nothing called for')
  must((context.handover !== undefined) === (changes[0]?.kind === 'handover'), 'a handover that nothing called for')
  // So that what people are told of a commit is all that it does.
  must(
    changes.length < 2 || changes.every(({ kind }) => SEVERAL.includes(kind) && kind === changes[0]?.kind),
    'changes that do not stand together',
  )
  const orderedBy = changes.map((each) => (each.kind === 'remove' ? (each.order?.address ?? address) : address))
  must(new Set(orderedBy).size < 2, 'removals by the word of several people')
  const changed = changes.reduce((state, change) => changedBy(state, context, change), snapshot)
  const next = withOwner(withLogs(changed, context.logs))
  for (const added of view.added) {
    must(personOf(next, added.address) !== undefined, 'a device of somebody who is not part of the conversation')
    mustBeActive(snapshot, context, added)
  }
  const gone = snapshot.people.filter((person) => personOf(next, person.address) === undefined)
  for (const device of view.removed)
    must(
      gone.some((person) => person.address === device.address) || isRevoked(snapshot, context, device),
      'a device that is not revoked was removed',
    )
  const stays = (member: Member) => !view.removed.some(({ leaf }) => leaf === member.leaf)
  must(
    !members.some((member) => stays(member) && gone.some((person) => person.address === member.address)),
    'a person was removed but not all of their devices',
  )
  const leaves = members.length + view.added.length - view.removed.length
  must(leaves <= leavesOf(snapshot), 'the conversation has too many devices')
  return next
}

/** The kinds of change that may stand in a commit of each kind; Adds and Removes never stand together. */
const FITS: Readonly<Record<CommitView['kind'], (kind: ControlChange['kind']) => boolean>> = {
  add: (kind) => kind === 'add',
  remove: (kind) => kind === 'remove' || kind === 'left' || kind === 'successor',
  update: (kind) => kind !== 'add',
  external: () => false,
}

/** Kinds of change of which one commit may make several, all of the same kind. */
const SEVERAL: readonly ControlChange['kind'][] = ['add', 'remove']

const changedBy = (state: Snapshot, context: ControlContext, change: ControlChange): Snapshot => {
  const { view, left, voided } = context
  must(FITS[view.kind](change.kind), 'a change that does not belong to a commit of its kind')
  if (change.kind === 'remove' && change.order !== undefined)
    mustBeOrdered(state, context, change.address, change.order)
  const by = change.kind === 'remove' ? change.order?.address : undefined
  const permitted = permits(state, by ?? view.committer.address, change)
  if (permitted !== true) throw new Refused(permitted)
  switch (change.kind) {
    case 'add': {
      must(personOf(state, change.address) === undefined, 'somebody was added twice')
      must(
        view.added.some(({ address }) => address === change.address),
        'somebody was added without a device',
      )
      must(
        state.kind === 'channel' || !state.bots?.some((bot) => bot.address === change.address),
        'a restricted bot is no member',
      )
      must(state.people.length < PEOPLE_LIMIT, 'the group is full')
      const person: Person = { address: change.address, role: 'member', since: view.epoch + 1, log: 0 }
      return { ...state, people: [...state.people, person].sort((a, b) => (a.address < b.address ? -1 : 1)) }
    }
    case 'bot':
    case 'unbot': {
      const next = context.bots?.(state, view.committer.address, change) ?? 'a manifest that does not verify'
      if (typeof next === 'string') throw new Refused(next)
      return next
    }
    case 'remove':
      return without(state, change.address)
    case 'left':
      must(left.has(change.address), 'a leave statement that does not verify')
      // Whoever holds a revoked device does not say goodbye for its person.
      mustBeActive(state, context, change)
      return without(state, change.address)
    case 'name': {
      const { name } = change
      return { ...state, name }
    }
    case 'picture': {
      const { picture: _, ...rest } = state
      return change.picture === undefined ? rest : { ...rest, picture: change.picture }
    }
    case 'timer':
      return { ...state, timer: change.seconds }
    case 'hubs':
      must(!areSameHubs(state.hubs ?? [], change.hubs), 'the same relays again')
      return { ...state, hubs: change.hubs }
    case 'role': {
      const people = state.people.map((person) =>
        person.address === change.address ? { ...person, role: change.role } : person,
      )
      must(
        people.some(({ role }) => role === 'owner'),
        'a group keeps an owner',
      )
      return { ...state, people }
    }
    case 'pin':
      must(!state.pins.includes(change.message), 'a message is pinned once')
      must(state.pins.length < PINS_LIMIT, `at most ${PINS_LIMIT} messages are pinned`)
      return { ...state, pins: [...state.pins, change.message] }
    case 'unpin':
      must(state.pins.includes(change.message), 'the message is not pinned')
      return { ...state, pins: state.pins.filter((pin) => pin !== change.message) }
    case 'move':
      must(
        state.hubs?.some((hub) => isSameHub(hub, change.hub)) ?? false,
        'a relay that the conversation does not name',
      )
      return state
    case 'handover':
      mustContinue(state, context, change)
      return { ...state, term: state.term + raisedBy(change) }
    case 'successor': {
      must(
        voided !== undefined &&
          equalBytes(voided.topic, change.topic) &&
          voided.seq === change.seq &&
          voided.offender === change.offender,
        'a successor of another void commit',
      )
      must(state.term + 1 < TERM_LIMIT, 'a conversation with too many topics')
      mustNot(successorKeyProblem(state, context.members, view.committer, change))
      const { commitKey: _, ...rest } = state
      const key = change.commitKey === undefined ? {} : { commitKey: change.commitKey }
      const next = { ...rest, term: state.term + 1, ...key }
      return change.offender === undefined ? next : without(next, change.offender)
    }
    case 'commit-key': {
      mustNot(renewalProblem(state, context.members, change.commitKey))
      const { commitKey: _, ...rest } = state
      return change.commitKey === undefined ? rest : { ...rest, commitKey: change.commitKey }
    }
  }
}

/** Whoever had read nothing of the topic that is left does not know that its first commit raised the term as well. */
const raisedBy = ({ seq }: { readonly seq: number }): number => (seq === 0 ? 2 : 1)

/** Names the topic that its readers come from, the hub where they read it, and an end that they know if it was chosen. */
const mustContinue = (
  { kind, term, hubs = [] }: Snapshot,
  { handover }: ControlContext,
  { topic, seq, head, hub }: Extract<ControlChange, { readonly kind: 'handover' }>,
): void => {
  must(
    handover !== undefined && equalBytes(handover.topic, topic) && isSameHub(handover.hub, hub),
    'a handover of something else',
  )
  must(
    hubs.some((named) => isSameHub(named, hub)),
    'a relay that the conversation does not name',
  )
  const { at } = handover
  must(at === undefined || (at.seq === seq && equalBytes(at.head, head)), 'a handover from another place')
  must(term + raisedBy({ seq }) < (kind === 'dm' ? DM_TERMS : TERM_LIMIT), 'a conversation with too many topics')
}

const without = (state: Snapshot, address: Address): Snapshot => {
  must(personOf(state, address) !== undefined, 'nobody of that address is part of the conversation')
  const next = { ...state, people: state.people.filter((person) => person.address !== address) }
  // A bot that was a member loses what it was granted with its place.
  return state.kind === 'channel' ? next : withoutBot(next, address)
}

export const withoutBot = ({ bots = [], ...rest }: Snapshot, address: Address): Snapshot => {
  const left = bots.filter((bot) => bot.address !== address)
  return left.length === 0 ? rest : { ...rest, bots: left }
}

/** A group whose last owner is gone is the longest-standing admin's, else the longest-standing member's. */
const withOwner = (state: Snapshot): Snapshot => {
  if (state.kind !== 'group' || state.people.some(({ role }) => role === 'owner')) return state
  const rank = ({ role, since }: Person) => (role === 'admin' ? 0 : 2 ** 50) + since
  // People stand in ascending order of addresses, and the sort keeps it among equals.
  const [heir] = [...state.people].sort((a, b) => rank(a) - rank(b))
  if (heir === undefined) return state
  return { ...state, people: state.people.map((person) => (person === heir ? { ...person, role: 'owner' } : person)) }
}

/** What commits have named of a log only grows. */
const withLogs = (state: Snapshot, logs: ControlContext['logs']): Snapshot => ({
  ...state,
  people: state.people.map((person) => {
    const length = logs.get(person.address)?.entries.length ?? 0
    return length > person.log ? { ...person, log: length } : person
  }),
})

/** The log that decides about a device: carried by the commit, and not older than one that commits have named. */
const decidingLog = (snapshot: Snapshot, { logs }: ControlContext, address: Address): IdentityLog => {
  const log = logs.get(address)
  must(log !== undefined, 'it does not carry the identity log of a device that it concerns')
  must(log.entries.length >= (personOf(snapshot, address)?.log ?? 0), 'it carries an old copy of an identity log')
  return log
}

const mustBeActive = (snapshot: Snapshot, context: ControlContext, device: Device): void => {
  const log = decidingLog(snapshot, context, device.address)
  must(isActive(log, device.deviceKey), 'a device that is not certified, or revoked')
}

/** Whoever makes the commit, it is the word of who signed the order, as far as they may give it where it is given again. */
const mustBeOrdered = (state: Snapshot, context: ControlContext, address: Address, order: RemovalOrder): void => {
  must(context.ordered.has(address), 'an order that does not verify')
  mustBeActive(state, context, order)
}

const isRevoked = (snapshot: Snapshot, context: ControlContext, device: Device): boolean => {
  const log = context.logs.get(device.address)
  if (log === undefined || log.entries.length < (personOf(snapshot, device.address)?.log ?? 0)) return false
  return deviceOf(log, device.deviceKey)?.revokedAt !== undefined
}
