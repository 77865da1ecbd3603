import { isSealedTo, keepersOf, type WantedKey } from '../../domain/rooms/commit-key.ts'
import { DchatError } from '../../errors.ts'
import { deviceOf } from '../../protocol/identity/log.ts'
import type { CommitKey } from '../../protocol/messages/commit-key.ts'
import { makeCommitKey } from '../../protocol/messages/sealed-commit-key.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { changeRoom } from './change-room.ts'
import { commitChange } from './commit-change.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** A new commit key for those who are to hold it. Throws `identity/unknown-peer` where a device's keys are not known. */
export const newCommitKey = async (
  core: Core,
  room: Uint8Array,
  { keepers, devices }: WantedKey,
): Promise<CommitKey> => {
  const keys = await Promise.all(devices.map((device) => keysOfDevice(core, device)))
  return makeCommitKey(core.crypto, room, keepers, keys)
}

const keysOfDevice = async ({ directory, self, signal }: Core, { address, deviceKey }: Member) => {
  const known = await directory.get(address)
  const device = known && deviceOf(known, deviceKey)
  if (device !== undefined) return device
  const newest = await directory.lookUp(address, { hints: [], home: self.relays }, { signal })
  const found = deviceOf(newest, deviceKey)
  if (found === undefined)
    throw new DchatError('identity/unknown-peer', { peer: address, hint: 'its log is an old one' })
  return found
}

/** Who holds the key, and who should; undefined where that is the same, or no matter of this device. */
const due = ({ core, snapshot, group }: RoomSession): WantedKey | undefined => {
  const { commitKey } = snapshot
  if (commitKey === undefined || group === undefined) return undefined
  if (!commitKey.boxes.some(({ device }) => core.self.isOwnDevice(device))) return undefined
  const devices = keepersOf(snapshot, group.members, commitKey.keepers)
  if (!devices.some(({ deviceKey }) => core.self.isOwnDevice(deviceKey))) return undefined
  return isSealedTo(commitKey, devices) ? undefined : { keepers: commitKey.keepers, devices }
}

/** Makes a new key where those who hold it are no longer those who should. */
export const renewCommitKey = async (core: Core, rooms: Rooms, room: string): Promise<void> => {
  const session = rooms.get(room)
  for (let wanted = session && due(session); session?.isMember && wanted !== undefined; wanted = due(session)) {
    const commitKey = await newCommitKey(core, session.snapshot.room, wanted)
    const { devices } = wanted
    await commitChange(session, (now) => {
      const still = due(now)
      return still !== undefined && areSame(still.devices, devices)
        ? { change: { kind: 'update' }, changes: [{ kind: 'commit-key', commitKey }] }
        : undefined
    })
  }
}

const areSame = (a: readonly Member[], b: readonly Member[]): boolean =>
  a.length === b.length && a.every(({ deviceKey }, at) => equalBytes(deviceKey, b[at]?.deviceKey ?? new Uint8Array(0)))

/** Whoever may change the conversation may again do so without asking. */
export const liftCommitKey = (session: RoomSession): Promise<void> =>
  changeRoom(session, ({ commitKey }) => commitKey === undefined, [{ kind: 'commit-key' }])
