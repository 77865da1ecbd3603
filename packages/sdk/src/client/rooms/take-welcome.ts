import { GONE_AFTER } from '../../domain/rooms/handover.ts'
import { isDchatError } from '../../errors.ts'
import { decodeWelcomePointer, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { dropAnswer } from '../invitations.ts'
import { addJob } from '../jobs.ts'
import { keepUnasked } from '../people/unasked.ts'
import { joinByPointer } from './join.ts'
import { mayEnter } from './may-enter.ts'
import type { Rooms } from './rooms.ts'

/**
 * Enters the room to which a Welcome leads, where that is wanted. A Welcome that this device cannot open, or cannot read because its
 * relay is gone, is answered with a fresh key package.
 */
export const takeWelcome = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array) => {
  const pointer = decodeWelcomePointer(encoded)
  const isNew = pointer.kind === 'dm' && rooms.get(toHex(pointer.room)) === undefined
  const may = isNew || (await mayEnter(core, rooms, from, encoded))
  if (may !== true) return may || undefined
  if (await keepUnasked(core, rooms, from, encoded)) return
  // The others may have gone on elsewhere since they asked this person in.
  if (core.links.downFor(pointer.hub.url) >= GONE_AFTER) await askBack(core, from, pointer)
  const outcome = await joinOrDrop(core, rooms, from, encoded)
  if (typeof outcome !== 'string') await askBack(core, from, outcome.ask)
}

/** Who sent it is asked to let this device in by a fresh key package, or where the conversation is by now. */
const askBack = async (core: Core, from: Address, { room, topic, suite, hub }: WelcomePointer): Promise<void> => {
  const id = toHex(room)
  const task = { kind: 'ask', room: id, topic, suite, people: [from], relays: [hub.url] } as const
  await addJob(core.store, `ask/${id}`, task, core.clock.now())
}

const joinOrDrop = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array) => {
  try {
    return await joinByPointer(core, rooms, from, encoded)
  } catch (error) {
    if (isDchatError(error) && !error.retryable) {
      const room = toHex(decodeWelcomePointer(encoded).room)
      await core.store.write((tx) => dropAnswer(tx, room))
    }
    throw error
  }
}
