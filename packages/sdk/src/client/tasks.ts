import { isDchatError } from '../errors.ts'
import { encodedLog } from '../protocol/identity/log.ts'
import { decodeWelcomePointer } from '../protocol/inbox/bodies.ts'
import type { Address, ConversationId, RelayUrl } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'
import { archiveRoom, readArchive } from './archive.ts'
import { branch, type Core } from './core.ts'
import { dropAnswer, keepInvitation } from './invitations.ts'
import { addJob, type JobHandler } from './jobs.ts'
import { stockKeyPackages } from './key-packages.ts'
import { postItem } from './post.ts'
import { addPeopleLater } from './rooms/add-people.ts'
import { admitDevice, askToJoin, removeRevoked, updateLeaf } from './rooms/admit.ts'
import { removeLeft } from './rooms/change-room.ts'
import { failUnsent } from './rooms/fail.ts'
import { joinByPointer } from './rooms/join.ts'
import { mayEnter } from './rooms/may-enter.ts'
import { openDm } from './rooms/open-dm.ts'
import { openGroup } from './rooms/open-group.ts'
import { rejoinByOffer } from './rooms/rejoin.ts'
import { repairRoom } from './rooms/repair.ts'
import { replaceLeaf } from './rooms/replace-leaf.ts'
import type { Rooms } from './rooms/rooms.ts'

/** ms after which work in a room whose topic has ended is tried again in its successor. */
const AFTER_REPAIR = 5_000

/** What each durable job does: the only place that knows all of them. */
export const jobHandler = (core: Core, rooms: Rooms): JobHandler => {
  const run = taskOf(core, rooms)
  return async (job) => {
    const isPaused = () => 'room' in job && job.kind !== 'repair' && rooms.get(job.room)?.record.state === 'voided'
    if (isPaused()) return { again: AFTER_REPAIR }
    try {
      const outcome = await run(job)
      return isPaused() ? { again: AFTER_REPAIR } : outcome
    } catch (error) {
      core.signal.throwIfAborted()
      if (isPaused()) return { again: AFTER_REPAIR }
      throw error
    }
  }
}

const taskOf =
  (shared: Core, rooms: Rooms): JobHandler =>
  async (job) => {
    // A signal of its own for each piece of work: very many run at once where many conversations wait.
    const core = branch(shared)
    switch (job.kind) {
      case 'publish-log':
        return publishLog(core)
      case 'open-dm':
        return openOrFail(core, rooms, job.conversation, job.relays)
      case 'post':
        return postItem(core, job)
      case 'admit':
        return admitDevice(core, rooms, job)
      case 'join':
        return join(core, rooms, job.from, job.pointer)
      case 'rejoin':
        return rejoinByOffer(core, rooms, job.from, job.offer)
      case 'ask':
        return askToJoin(core, rooms, job)
      case 'update':
        return updateLeaf(core, rooms, job.room)
      case 'replace-leaf':
        return replaceLeaf(core, rooms, job.room)
      case 'remove-revoked':
        return removeRevoked(core, rooms, job.room)
      case 'remove-left':
        return removeLeft(rooms, job)
      case 'open-group':
        return openGroup(core, rooms, job)
      case 'add-people':
        return addPeopleLater(core, rooms, job)
      case 'repair':
        return repairRoom(core, rooms, job.room)
      case 'archive':
        return archiveRoom(core, job.room)
      case 'read-archive':
        return readArchive(core)
      case 'refresh':
        await core.directory.lookUp(job.address, { hints: [], home: core.self.relays }, { signal: core.signal })
    }
  }

/** Messages to somebody who cannot be reached for good say so, and can be tried again by hand. */
const openOrFail = async (core: Core, rooms: Rooms, id: ConversationId, relays: readonly RelayUrl[]) => {
  try {
    return await openDm(core, rooms, id, relays)
  } catch (error) {
    if (isDchatError(error) && !error.retryable) await failUnsent(core, id, error.code)
    throw error
  }
}

const publishLog = async (core: Core): Promise<void> => {
  const { self, links, signal } = core
  for (const relay of self.relays) {
    await links.get(relay).request('identity.put', { log: encodedLog(self.log) }, { signal, timeout: 30_000 })
    await stockKeyPackages(core, relay)
  }
}

/** A Welcome that this device cannot open is answered with a fresh key package. */
const join = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array) => {
  const may = await mayEnter(core, rooms, from, encoded)
  if (may !== true) return may || undefined
  if (await keepInvitation(core, from, encoded)) return
  const outcome = await joinOrDrop(core, rooms, from, encoded)
  if (typeof outcome === 'string') return
  const { room, topic, suite, hub } = outcome.ask
  const id = toHex(room)
  await addJob(
    core.store,
    `ask/${id}`,
    { kind: 'ask', room: id, topic, suite, people: [from], relays: [hub.url] },
    core.clock.now(),
  )
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
