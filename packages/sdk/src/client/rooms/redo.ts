import { permits } from '../../domain/rooms/permissions.ts'
import { isDue, isSameThing, type Undone } from '../../domain/rooms/undone.ts'
import { type DchatError, isDchatError } from '../../errors.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import { isSameHub } from '../../protocol/topic/hub.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { removeBot, setUpBot } from '../bots/set-up.ts'
import type { Core } from '../core.ts'
import type { JobOutcome } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { absentOf, addReachable } from './add-people.ts'
import { changeRoom, removeLeft, removePeople, repeatRemoval } from './change-room.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** ms until it is tried again in a room that this device is not back in. */
const LATER = 10_000
/** ms until people who could not be reached are asked in again. */
const PEOPLE_LATER = 60_000
/** ms between two devices' turns at what all of them could do. */
const APART = 250
const TURNS = 40

/**
 * What commits did that a handover has undone is done again (hubs.md): whoever knows of a removal and may takes those
 * people out, and a person's changes are made again by the device that made them, or, `late`, by another one.
 */
export const redo = async (
  core: Core,
  rooms: Rooms,
  { room, late = false }: { readonly room: string; readonly late?: boolean },
): Promise<JobOutcome> => {
  const session = rooms.get(room)
  if (session === undefined || session.record.state === 'closed' || session.record.leaving) return
  const { removedBefore, undone = [] } = session.record
  if (removedBefore === undefined && undone.length === 0) return
  if (!session.isMember) return { again: LATER }
  if (removedBefore !== undefined) await removeAgain(session, removedBefore)
  let again: number | undefined
  for (const item of undone) {
    if (!session.isMember) return { again: LATER }
    if (item.by === 'person' && !late) continue
    const later = isDue(session.snapshot, item) ? await makeAgain(core, rooms, session, item) : undefined
    if (later === undefined) await forget(session, item)
    else again = later
  }
  return again === undefined ? undefined : { again }
}

const removeAgain = async (session: RoomSession, devices: readonly string[]): Promise<void> => {
  const { members } = session.member()
  const people = members.filter(({ deviceKey }) => devices.includes(toHex(deviceKey))).map(({ address }) => address)
  await refused(() => removePeople(session, [...new Set(people)]))
  await forget(session)
}

/** Resolves with the ms until it is tried again, where that is due. */
const makeAgain = async (core: Core, rooms: Rooms, session: RoomSession, item: Undone): Promise<number | undefined> => {
  const { what, by } = item
  if (by === 'others') await ownTurn(session)
  if (what.kind === 'add') return askIn(core, session, [what.address])
  if (what.kind === 'devices') return askIn(core, session, [core.self.address])
  const refusal = await refused(() => change(core, rooms, session, item, what))
  // Who may not do what others did is not told of it.
  if (refusal !== undefined && by !== 'others')
    core.events.emit({ type: 'problem', code: refusal.code, message: refusal.message })
  return undefined
}

const askIn = async (core: Core, session: RoomSession, people: readonly Address[]): Promise<number | undefined> => {
  let later: readonly Address[] = []
  const refusal = await refused(async () => {
    later = await addReachable(core, session, absentOf(core, session, people))
  })
  if (refusal !== undefined) core.events.emit({ type: 'problem', code: refusal.code, message: refusal.message })
  return later.length === 0 ? undefined : PEOPLE_LATER
}

const change = async (
  core: Core,
  rooms: Rooms,
  session: RoomSession,
  item: Undone,
  what: ControlChange,
): Promise<void> => {
  switch (what.kind) {
    case 'remove': {
      const isOwnToSay =
        permits(session.snapshot, core.self.address, { kind: 'remove', address: what.address }) === true
      return isOwnToSay ? removePeople(session, [what.address]) : repeatRemoval(session, what)
    }
    case 'left':
      return removeLeft(rooms, { ...what, kind: 'remove-left', room: session.id })
    case 'bot':
      return setUpBot(core, rooms, session, what)
    case 'unbot':
      return removeBot(core, rooms, session, what.address)
    case 'hubs':
      // Where the conversation is now stays among them.
      if (!what.hubs.some((hub) => isSameHub(hub, session.record.hub))) return
  }
  await changeRoom(session, (now) => !isDue(now, item), [what])
}

const ownTurn = async ({ core, group }: RoomSession): Promise<void> => {
  const turn = group?.members.findIndex(({ deviceKey }) => core.self.isOwnDevice(deviceKey)) ?? 0
  await core.clock.sleep(Math.min(Math.max(turn, 0), TURNS) * APART, { signal: core.signal })
}

/** Why it may not be done here, or not any more. */
const refused = async (work: () => Promise<void>): Promise<DchatError | undefined> => {
  try {
    await work()
    return undefined
  } catch (error) {
    if (isDchatError(error, 'conversation/not-permitted') || isDchatError(error, 'conversation/not-member'))
      return error
    throw error
  }
}

/** It is done, or will not be: one change, or the devices that were to be taken out. */
const forget = (session: RoomSession, item?: Undone): Promise<void> =>
  session.lock.run(async () => {
    const { removedBefore, undone = [], ...rest } = session.record
    const left = undone.filter(({ what }) => item === undefined || !isSameThing(what, item.what))
    const record: RoomRecord = {
      ...rest,
      ...(left.length > 0 ? { undone: left } : {}),
      ...(item !== undefined && removedBefore !== undefined ? { removedBefore } : {}),
    }
    await session.core.store.write(async (tx) => session.put(tx, { record }))
    session.settle({ record })
  })
