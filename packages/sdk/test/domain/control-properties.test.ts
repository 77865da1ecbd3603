import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepersOf, wantedKey } from '../../src/domain/rooms/commit-key.ts'
import type { IdentityLog } from '../../src/protocol/identity/log.ts'
import type { CommitKey } from '../../src/protocol/messages/commit-key.ts'
import { type ControlChange, controlValue } from '../../src/protocol/messages/control-change.ts'
import { controlOf } from '../../src/protocol/messages/read-commit-data.ts'
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../../src/protocol/messages/snapshot.ts'
import type { Member } from '../../src/protocol/mls/engine.ts'
import { type Keepers, ROLES } from '../../src/records/group.ts'
import type { Address, MessageId } from '../../src/records/ids.ts'
import { equalBytes } from '../../src/util/bytes.ts'
import { type Actor, actor, type Commit, group, judge, leafOf, person, withoutDevice } from './control-support.ts'

const NAMES = ['ann', 'ben', 'cat', 'dan', 'eva'] as const
const actors = NAMES.map(actor) as [Actor, ...Actor[]]
/** Everybody's log before and after the first device was revoked. */
const revoked = actors.map((who, at) => withoutDevice(who, `${NAMES[at]}/one`))

interface World {
  readonly snapshot: Snapshot
  readonly members: readonly Member[]
  readonly epoch: number
  readonly accepted: number
}

const start: World = {
  snapshot: group([person(actors[0], 'owner')]),
  members: [leafOf(actors[0].address, actors[0].one, 0)],
  epoch: 0,
  accepted: 0,
}

const who = fc.nat(NAMES.length - 1)
const message = fc.constantFrom('01', '02', '03').map((byte) => byte.repeat(32) as MessageId)
/** A commit key as it is due, with a box too few, for other keepers, or none. */
const keyKind = fc.constantFrom('due', 'due', 'fewer', 'others', 'none')
type KeyKind = 'due' | 'fewer' | 'others' | 'none'
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add'), who, two: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove'), who, all: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('left'), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoked'), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('role'), who, role: fc.constantFrom(...ROLES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('name'), name: fc.string({ maxLength: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('timer'), seconds: fc.constantFrom(0, 5, 60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pin', 'unpin'), message }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('successor'), who, key: keyKind, proven: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('commit-key'), key: keyKind }) },
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never
const step = fc.record({
  by: who,
  present: fc.integer({ min: 0, max: 9 }),
  action,
  carry: fc.array(fc.record({ who, new: fc.boolean() }), { maxLength: 3 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const logOf = (at: number, isNew: boolean): IdentityLog => ((isNew ? revoked : actors)[at] as Actor).log

let keysMade = 0
const keyOf = (
  kind: KeyKind,
  wanted: { readonly keepers: Keepers; readonly devices: readonly Member[] },
): { readonly commitKey?: CommitKey } => {
  if (kind === 'none') return {}
  const keepers = kind === 'others' ? (wanted.keepers === 'admins' ? 'owners' : 'admins') : wanted.keepers
  const boxes = wanted.devices.map(({ deviceKey }) => ({ device: deviceKey, box: new Uint8Array(1_168) }))
  const key = new Uint8Array(32).fill(++keysMade % 251)
  return { commitKey: { key, keepers, boxes: kind === 'fewer' ? boxes.slice(1) : boxes } }
}

/** The commit that a step tries, right or wrong, against a world. */
const commitOf = ({ snapshot, members, epoch }: World, { by: anybody, present, action, carry }: Step): Commit => {
  // Mostly somebody who is there; sometimes anybody.
  const there = members[anybody % members.length]?.address
  const by = present === 0 ? anybody : actors.findIndex(({ address }) => address === there)
  const author = actors[by] as Actor
  const device = members.find(({ address }) => address === author.address)?.deviceKey ?? author.one
  const logs = new Map<Address, IdentityLog>()
  const bring = (at: number, isNew: boolean) => {
    const log = logOf(at, isNew)
    if ((logs.get(log.address)?.entries.length ?? 0) < log.entries.length) logs.set(log.address, log)
  }
  const base = { by: author, device, epoch, members, logs }
  const target = actors['who' in action ? action.who : 0] as Actor
  const theirs = members.filter(({ address }) => address === target.address)
  bring(by, !equalBytes(device, author.one))
  for (const item of carry) bring(item.who, item.new)
  const act = action as Action & Record<string, never>
  switch (act.do as string) {
    case 'add': {
      const keys = (act as unknown as { two: boolean }).two ? [target.two] : [target.one, target.two]
      bring(actors.indexOf(target), keys.length === 1)
      const fresh = keys.filter((key) => !members.some(({ deviceKey }) => equalBytes(deviceKey, key)))
      const added = fresh.map((deviceKey) => ({ address: target.address, deviceKey }))
      return {
        ...base,
        kind: 'add',
        added,
        changes: theirs.length > 0 ? [] : [{ kind: 'add', address: target.address }],
      }
    }
    case 'remove': {
      bring(actors.indexOf(target), false)
      const removed = (act as unknown as { all: boolean }).all ? theirs : theirs.slice(0, 1)
      return { ...base, kind: 'remove', removed, changes: [{ kind: 'remove', address: target.address }] }
    }
    case 'left': {
      const key = theirs[0]?.deviceKey ?? target.one
      bring(actors.indexOf(target), !equalBytes(key, target.one))
      const change = { kind: 'left', address: target.address, deviceKey: key, signature: new Uint8Array(64) } as const
      return { ...base, kind: 'remove', removed: theirs, changes: [change], left: new Set([target.address]) }
    }
    case 'revoked': {
      bring(actors.indexOf(target), true)
      return { ...base, kind: 'remove', removed: theirs.filter(({ deviceKey }) => equalBytes(deviceKey, target.one)) }
    }
    case 'successor': {
      const { key, proven } = act as unknown as { key: KeyKind; proven: boolean }
      const offender = proven ? target.address : undefined
      const voided = { topic: new Uint8Array(32).fill(3), seq: 7, ...(offender && { offender }) }
      const wanted = wantedKey(snapshot, members, offender) ?? { keepers: 'admins', devices: members }
      const due = key === 'due' && wantedKey(snapshot, members, offender) === undefined ? 'none' : key
      const changes = [{ kind: 'successor', ...voided, ...keyOf(due, wanted) }] as const
      const removed = proven ? theirs : []
      return { ...base, kind: removed.length > 0 ? 'remove' : 'update', removed, changes, voided }
    }
    case 'commit-key': {
      const { key } = act as unknown as { key: KeyKind }
      const keepers = snapshot.commitKey?.keepers ?? 'admins'
      const made = keyOf(key, { keepers, devices: keepersOf(snapshot, members, keepers) })
      return { ...base, changes: [{ kind: 'commit-key', ...made }] }
    }
    default: {
      const { do: kind, who: at, ...rest } = act as unknown as { do: string; who?: number }
      const change = { kind, ...rest, ...(at === undefined ? {} : { address: target.address }) }
      return { ...base, changes: [change as unknown as ControlChange] }
    }
  }
}

/** The tree after a valid commit: MLS does not take the committer out, and fills the first empty leaf. */
const treeAfter = (members: readonly Member[], { removed = [], added = [] }: Commit): readonly Member[] => {
  const tree = members.filter(({ leaf }) => !removed.some((gone) => gone.leaf === leaf))
  for (const { address, deviceKey } of added) {
    const leaf = [...tree.keys(), tree.length].find((at) => !tree.some((member) => member.leaf === at)) as number
    tree.push(leafOf(address, deviceKey, leaf))
  }
  return tree
}

/** Nobody comes by the key who should not hold it, and it is there until somebody who may lifts it. */
const checkKey = (before: Snapshot, after: Snapshot, parents: readonly Member[], commit: Commit): void => {
  const [change] = commit.changes ?? []
  const author = before.people.find(({ address }) => address === commit.by.address)
  if (change?.kind === 'successor') {
    const wanted = wantedKey(before, parents, change.offender)
    expect(after.commitKey?.keepers).toBe(wanted?.keepers)
    expect(after.commitKey?.boxes.map(({ device }) => device)).toEqual(
      wanted?.devices.map(({ deviceKey }) => deviceKey),
    )
    if (wanted !== undefined) expect(author?.role).not.toBe('member')
    if (change.offender === undefined) expect(after.commitKey).toBeDefined()
  } else if (change?.kind === 'commit-key') {
    expect(before.commitKey).toBeDefined()
    expect(['owner', ...(before.commitKey?.keepers === 'admins' ? ['admin'] : [])]).toContain(author?.role)
  } else expect(after.commitKey).toEqual(before.commitKey)
  const holders = after.commitKey?.boxes.flatMap(({ device }) =>
    parents.filter(({ deviceKey }) => equalBytes(deviceKey, device)),
  )
  if (change?.kind === 'successor' || change?.kind === 'commit-key')
    for (const { address } of holders ?? [])
      expect(before.people.find((person) => person.address === address)?.role).not.toBe('member')
}

const check = (
  before: Snapshot,
  after: Snapshot,
  members: readonly Member[],
  commit: Commit,
  parents: readonly Member[],
): void => {
  const addresses = after.people.map(({ address }) => address)
  expect(addresses).toEqual([...new Set(addresses)].sort())
  expect(after.people.some(({ role }) => role === 'owner')).toBe(true)
  for (const { address } of members) expect(addresses).toContain(address)
  for (const person of after.people) {
    const earlier = before.people.find(({ address }) => address === person.address)
    if (earlier === undefined) {
      // Nobody appears without a device; a stay begins with the epoch after the commit.
      expect(members.some(({ address }) => address === person.address)).toBe(true)
      expect(person.since).toBe((commit.epoch ?? 0) + 1)
    } else {
      expect(person.since).toBe(earlier.since)
      expect(person.log).toBeGreaterThanOrEqual(earlier.log)
    }
  }
  expect(after.term - before.term).toBe(commit.voided === undefined ? 0 : 1)
  checkKey(before, after, parents, commit)
  const { suite, room, opener, kind } = before
  expect(after).toMatchObject({ suite, room, opener, kind })
  expect(decodeSnapshot(encodeSnapshot(after))).toEqual(after)
  for (const change of commit.changes ?? []) expect(controlOf(controlValue(change))).toEqual(change)
}

const play = (steps: readonly Step[]): World =>
  steps.reduce<World>((world, step) => {
    const commit = commitOf(world, step)
    // MLS itself forbids an empty Add or Remove, and a commit that removes its committer.
    const isMls =
      (commit.kind !== 'add' || (commit.added ?? []).length > 0) &&
      (commit.kind !== 'remove' || (commit.removed ?? []).length > 0) &&
      !(commit.removed ?? []).some(({ deviceKey }) => equalBytes(deviceKey, commit.device as Uint8Array)) &&
      world.members.some(({ deviceKey }) => equalBytes(deviceKey, commit.device as Uint8Array))
    const before = encodeSnapshot(world.snapshot)
    const outcome = judge(world.snapshot, commit)
    expect(judge(decodeSnapshot(before), commit)).toEqual(outcome)
    expect(encodeSnapshot(world.snapshot)).toEqual(before)
    if (typeof outcome === 'string' || !isMls) return world
    const members = treeAfter(world.members, commit)
    check(world.snapshot, outcome, members, commit, world.members)
    return { snapshot: outcome, members, epoch: world.epoch + 1, accepted: world.accepted + 1 }
  }, start)

describe('any changes by anybody', () => {
  test('keep the conversation whole, and everybody comes to the same state', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        accepted += play(steps).accepted
      }),
      { numRuns: 50 },
    )
    // The sequences are not just refused.
    expect(accepted).toBeGreaterThan(100)
  })
})
