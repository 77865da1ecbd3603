import { personOf } from '../../domain/rooms/permissions.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { inChunks } from '../../util/batches.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import { claimKeyPackages } from '../key-packages.ts'
import { relaysOfContact } from '../people/names.ts'
import type { JobTask } from '../records.ts'
import type { Joiner } from './commit.ts'
import { commitChange } from './commit-change.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** Devices that one commit adds; the rest comes with the next one. */
const BATCH = 50
/** People whose logs and key packages are asked for at a time. */
const AT_ONCE = 8
/** ms until people who could not be reached are tried again. */
const LATER = 60_000

interface Wanted extends Joiner {
  readonly keyPackage: Uint8Array
}

/**
 * Asks people in with all of their devices, as many in one commit as it bears; who is there already is passed over.
 * Throws `identity/unknown-peer`, before anybody was added if a person cannot be found, and `conversation/not-permitted`.
 */
export const addPeople = async (core: Core, session: RoomSession, people: readonly Address[]): Promise<void> => {
  const absent = absentOf(core, session, people)
  for (const some of inChunks(absent, AT_ONCE)) await Promise.all(some.map((address) => find(core, address)))
  for (const some of inChunks(absent, BATCH)) {
    const wanted: Wanted[] = []
    for (const few of inChunks(some, AT_ONCE))
      wanted.push(...(await Promise.all(few.map((address) => claim(core, session, address)))).flat())
    await addDevices(session, wanted)
  }
}

/** The durable way: each person for themselves, so that one who cannot be reached does not keep the others out. */
export const addPeopleLater = async (
  core: Core,
  rooms: Rooms,
  { room, people }: Extract<JobTask, { readonly kind: 'add-people' }>,
): Promise<void> => {
  const session = rooms.get(room)
  if (!session?.isMember || session.record.leaving) return
  const later = await addReachable(core, session, absentOf(core, session, people))
  if (later.length === 0) return
  const task = { kind: 'add-people', room, people: later } as const
  await addJob(core.store, `add-people/${room}`, task, core.clock.now(), LATER)
}

/** Asks in, with all of their devices that are not there, those who can be reached; gives the others that may be later. */
export const addReachable = async (
  core: Core,
  session: RoomSession,
  people: readonly Address[],
): Promise<readonly Address[]> => {
  const later: Address[] = []
  for (const some of inChunks(people, BATCH)) {
    const wanted: Wanted[] = []
    const attempt = async (address: Address): Promise<void> => {
      try {
        if (address !== core.self.address) await find(core, address)
        wanted.push(...(await claim(core, session, address)))
      } catch (error) {
        core.signal.throwIfAborted()
        if (!isDchatError(error)) throw error
        if (error.retryable) later.push(address)
        else core.events.emit({ type: 'problem', code: error.code, message: error.message })
      }
    }
    for (const few of inChunks(some, AT_ONCE)) await Promise.all(few.map(attempt))
    await addDevices(session, wanted)
  }
  return later
}

/** Those who are still to come; of the own person, other devices may be. */
export const absentOf = (core: Core, { snapshot }: RoomSession, people: readonly Address[]): readonly Address[] =>
  people.filter((address) => address === core.self.address || personOf(snapshot, address) === undefined)

/** The newest log of a person. Throws `identity/unknown-peer`. */
const find = async ({ store, directory, self, signal }: Core, address: Address): Promise<void> => {
  if (address === self.address) return
  const hints = await store.read((tx) => relaysOfContact(tx, address))
  await directory.lookUp(address, { hints, home: self.relays }, { signal })
}

const claim = async (core: Core, session: RoomSession, address: Address): Promise<readonly Wanted[]> => {
  const claimed = await unhurried(core, () => claimKeyPackages(core, address, session.record.suite))
  if (claimed.length === 0 && address !== core.self.address)
    throw new DchatError('identity/unknown-peer', {
      peer: address,
      hint: 'they have no key package left at their relays',
    })
  return claimed.map(({ deviceKey, keyPackage, reference }) => ({ address, deviceKey, keyPackage, package: reference }))
}

/** Waits as long as a relay asks for. */
const unhurried = async <T>({ clock, signal }: Core, work: () => Promise<T>): Promise<T> => {
  while (true) {
    try {
      return await work()
    } catch (error) {
      if (!isDchatError(error, 'transport/rate-limited')) throw error
      await clock.sleep(error.details.retryAfter, { signal })
    }
  }
}

/** Another device of this person; nothing is done where it is there already. */
export const addOwnDevice = (session: RoomSession, device: Wanted): Promise<void> => addBatch(session, [device])

/** The devices of one person come with one commit, as far as it bears them. */
const addDevices = async (session: RoomSession, wanted: readonly Wanted[]): Promise<void> => {
  let batch: Wanted[] = []
  const byPerson = new Map<Address, Wanted[]>()
  for (const device of wanted) byPerson.set(device.address, [...(byPerson.get(device.address) ?? []), device])
  for (const devices of byPerson.values()) {
    if (batch.length > 0 && batch.length + devices.length > BATCH) {
      await addBatch(session, batch)
      batch = []
    }
    batch = [...batch, ...devices]
  }
  for (const some of inChunks(batch, BATCH)) await addBatch(session, some)
}

const addBatch = (session: RoomSession, batch: readonly Wanted[]): Promise<void> =>
  commitChange(session, (now) => {
    const { members } = now.member()
    const missing = batch.filter(({ deviceKey }) => !members.some((member) => equalBytes(member.deviceKey, deviceKey)))
    if (missing.length === 0) return undefined
    const fresh = missing
      .map(({ address }) => address)
      .filter((address) => personOf(now.snapshot, address) === undefined)
    return {
      change: { kind: 'add', keyPackages: missing.map(({ keyPackage }) => keyPackage) },
      changes: [...new Set(fresh)].map((address) => ({ kind: 'add', address })),
      joiners: missing.map(({ address, deviceKey, package: reference }) => ({
        address,
        deviceKey,
        package: reference,
      })),
    }
  })
