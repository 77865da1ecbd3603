import { personOf } from '../../domain/rooms/permissions.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { claimKeyPackages } from '../key-packages.ts'
import type { JobTask } from '../records.ts'
import { commitChange, type Joiner } from './commit.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** Devices that one commit adds; the rest comes with the next one. */
const BATCH = 50

/**
 * Makes a change by an empty commit and repeats it against whatever won meanwhile, until `isDone`. Throws
 * `conversation/not-permitted` and `conversation/not-member`.
 */
export const changeRoom = async (
  session: RoomSession,
  isDone: (snapshot: Snapshot) => boolean,
  changes: readonly ControlChange[],
): Promise<void> => {
  while (!isDone(session.snapshot)) {
    session.member()
    await commitChange(session, { change: { kind: 'update' }, changes })
  }
}

/** Takes people out, with all of their devices. */
export const removePeople = async (session: RoomSession, people: readonly Address[]): Promise<void> => {
  while (true) {
    const present = people.filter((address) => personOf(session.snapshot, address) !== undefined)
    if (present.length === 0) return
    await commitRemoval(
      session,
      present,
      present.map((address) => ({ kind: 'remove', address })),
    )
  }
}

const commitRemoval = async (
  session: RoomSession,
  people: readonly Address[],
  changes: readonly ControlChange[],
): Promise<void> => {
  const leaves = session
    .member()
    .members.filter(({ address }) => people.includes(address))
    .map(({ leaf }) => leaf)
  const change = leaves.length === 0 ? ({ kind: 'update' } as const) : ({ kind: 'remove', leaves } as const)
  await commitChange(session, { change, changes })
}

/** Confirms that a person left, as long as the same stay lasts. */
export const removeLeft = async (
  rooms: Rooms,
  task: Extract<JobTask, { readonly kind: 'remove-left' }>,
): Promise<void> => {
  const { address, deviceKey, signature } = task
  const session = rooms.get(task.room)
  while (session?.isMember && personOf(session.snapshot, address) !== undefined) {
    try {
      await commitRemoval(session, [address], [{ kind: 'left', address, deviceKey, signature }])
    } catch (error) {
      // The person came back since: the statement was for an earlier stay.
      if (isDchatError(error, 'conversation/not-permitted')) return
      throw error
    }
  }
}

interface Wanted extends Joiner {
  readonly keyPackage: Uint8Array
}

/**
 * Asks people in with all of their devices, as many in one commit as it bears. Throws `identity/unknown-peer`,
 * `conversation/not-permitted`.
 */
export const addPeople = async (core: Core, session: RoomSession, people: readonly Address[]): Promise<void> => {
  const wanted = (await Promise.all(people.map((address) => devicesOf(core, session, address)))).flat()
  for (let at = 0; at < wanted.length; at += BATCH) await addDevices(session, wanted.slice(at, at + BATCH))
}

const isLeaf = ({ members }: { readonly members: readonly Member[] }, deviceKey: Uint8Array): boolean => {
  const device = toHex(deviceKey)
  return members.some((member) => toHex(member.deviceKey) === device)
}

const addDevices = async (session: RoomSession, batch: readonly Wanted[]): Promise<void> => {
  while (true) {
    const group = session.member()
    const missing = batch.filter(({ deviceKey }) => !isLeaf(group, deviceKey))
    if (missing.length === 0) return
    const fresh = new Set(
      missing.map(({ address }) => address).filter((address) => personOf(session.snapshot, address) === undefined),
    )
    await commitChange(session, {
      change: { kind: 'add', keyPackages: missing.map(({ keyPackage }) => keyPackage) },
      changes: [...fresh].map((address) => ({ kind: 'add', address })),
      joiners: missing.map(({ address, deviceKey, package: reference }) => ({
        address,
        deviceKey,
        package: reference,
      })),
    })
  }
}

const devicesOf = async (core: Core, session: RoomSession, address: Address): Promise<readonly Wanted[]> => {
  const { self, directory, signal } = core
  const isOwn = address === self.address
  if (!isOwn) {
    if (personOf(session.snapshot, address) !== undefined) return []
    const contact = await core.store.read((tx) => tx.get<{ relays: readonly [] }>('contacts', address))
    await directory.lookUp(address, { hints: contact?.relays ?? [], home: self.relays }, { signal })
  }
  const claimed = await claimKeyPackages(core, address, session.record.suite)
  if (claimed.length === 0 && !isOwn)
    throw new DchatError('identity/unknown-peer', {
      peer: address,
      hint: 'they have no key package left at their relays',
    })
  return claimed.map(({ deviceKey, keyPackage, reference }) => ({ address, deviceKey, keyPackage, package: reference }))
}

/** The durable way: each person for themselves, so that one who cannot be reached does not keep the others out. */
export const addPeopleLater = async (
  core: Core,
  rooms: Rooms,
  { room, people }: Extract<JobTask, { readonly kind: 'add-people' }>,
): Promise<void> => {
  const session = rooms.get(room)
  if (session === undefined) return
  const wanted: Wanted[] = []
  for (const address of people) {
    try {
      wanted.push(...(await devicesOf(core, session, address)))
    } catch (error) {
      if (!isDchatError(error) || error.retryable) throw error
      core.events.emit({ type: 'problem', code: error.code, message: error.message })
    }
  }
  for (let at = 0; at < wanted.length; at += BATCH) await addDevices(session, wanted.slice(at, at + BATCH))
}
