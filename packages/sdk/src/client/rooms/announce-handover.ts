import type { StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import { encodeMovedNote } from '../../protocol/inbox/bodies.ts'
import { epochKeysOf } from '../../protocol/topic/epoch-keys.ts'
import { openHandover, sealHandover } from '../../protocol/topic/handover.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { type JobOutcome, putJob } from '../jobs.ts'
import type { JobTask } from '../records.ts'
import { forkFrom, isFirstPlace, movesIn, noteTold } from './forks.ts'
import { openers } from './opening.ts'
import type { Rooms } from './rooms.ts'
import { type RoomSession, showKey } from './session.ts'
import { TURN } from './turn.ts'
import type { Effect, Work } from './work.ts'

type Announcement = Extract<JobTask, { readonly kind: 'announce' }>
/** Where a topic went on, and the seed of the epoch from which it did. */
export type Handover = Pick<Announcement, 'room' | 'from' | 'to' | 'epoch' | 'seed' | 'first' | 'proof'>

const TIMEOUT = 15_000
const PATIENCE = 4_000
const PAGE = 16
const DAY = 24 * 3_600_000
/** How long a hub is waited for that does not come back: as long as it keeps what it holds, by default. */
const WAIT = 30 * DAY
/** ms until the old hub is tried again. */
const AGAIN = 15_000
const LAST_AGAIN = 10 * 60_000

/** After the first commit at another hub was read: the one who made it tells the others, and any member the old hub. */
export const planAnnouncement = (
  { core }: RoomSession,
  work: Work,
  { reference, body, frame }: Entry,
  own: boolean,
): void => {
  const { record, control, group } = work
  const { handover } = record
  const seed = record.epochs.find(({ epoch }) => epoch === handover?.epoch)?.seed
  if (handover === undefined || seed === undefined || body === null || frame === null) return
  // What was moved by choice stands in the old log, and everybody looks at the chosen hub first.
  const isChosen = handover.at !== undefined
  const fork = forkFrom(record, handover.topic)
  if (isChosen && (!own || fork === undefined || isFirstPlace(fork))) return
  const turn = openers(control.snapshot, group?.members ?? [], undefined).findIndex(({ deviceKey }) =>
    core.self.isOwnDevice(deviceKey),
  )
  const task: Announcement = {
    kind: 'announce',
    room: record.id,
    from: { topic: handover.topic, hub: handover.hub },
    to: { topic: record.topic, hub: record.hub },
    epoch: handover.epoch,
    seed,
    first: { reference, body, frame },
    until: core.clock.now() + WAIT,
    ...(handover.proof && { proof: handover.proof }),
  }
  if (own) {
    work.effects.push(...movedNotes(work, core, task))
    work.record = noteTold(record, record.topic)
  }
  if (isChosen) return
  const after = own ? 0 : (Math.max(turn, 0) + 1) * TURN
  work.effects.push({ kind: 'job', key: `announce/${record.id}/${toHex(record.topic)}`, task, after })
}

/** Puts the handover into the list of the topic that was left, as soon as its hub can be reached, and says so to all. */
export const announceHandover = async (core: Core, rooms: Rooms, task: Announcement): Promise<JobOutcome> => {
  const { links, signal, clock } = core
  const session = rooms.get(task.room)
  const now = clock.now()
  if (session === undefined || task.until <= now) return
  const { from } = task
  // Who has left that side sends nobody there.
  const fork = forkFrom(session.record, from.topic)
  if (fork === undefined || !equalBytes(fork.to, task.to.topic)) return
  try {
    const key = await links.relayKey(from.hub.url, { signal, timeout: PATIENCE })
    if (!equalBytes(key, from.hub.key)) return { again: LAST_AGAIN }
    const outcome = await listHandover(core, task)
    if (outcome === 'unknown' || (outcome === 'there' && !(await isBeyond(core, task)))) return
  } catch (error) {
    signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    // A hub that has lost the topic, or whose list is full, has nobody to tell.
    if (!error.retryable) return
    const left = WAIT - (task.until - now)
    return { again: Math.min(Math.max(AGAIN, left / 4), LAST_AGAIN) }
  }
  await session.lock.run(async () => {
    const record = noteTold(session.record, task.to.topic)
    await core.store.write(async (tx) => {
      session.put(tx, { record })
      await tellOfHandover(tx, session, task)
    })
    session.settle({ record })
  })
}

/** Word of it for all other devices. */
export const tellOfHandover = async (tx: StoreWriter, session: RoomSession, handover: Handover): Promise<void> => {
  const { core } = session
  for (const { key, task } of movedNotes(session, core, handover)) await putJob(tx, key, task, core.clock.now())
}

/** Puts it into the list of the topic that was left. `unknown`: the new hub has nothing of it. Throws the link's errors. */
export const listHandover = async (core: Core, handover: Handover): Promise<'there' | 'put' | 'unknown'> => {
  const { links, signal, crypto } = core
  const { from, seed } = handover
  await showKey(core, from.hub.url, from.topic, seed)
  if (await isListed(core, handover)) return 'there'
  const body = await itemOf(core, handover)
  if (body === undefined) return 'unknown'
  const params = { topic: from.topic, reference: crypto.random(16), body }
  await links.get(from.hub.url).request('successor.put', params, { signal, timeout: TIMEOUT })
  return 'put'
}

/** The new topic's first commit, sealed for those who hold the keys of the epoch that it ends; undefined where nobody has it. */
const itemOf = async (core: Core, task: Handover): Promise<Uint8Array | undefined> => {
  const { from, to, epoch, seed, first = await firstThere(core, task) } = task
  if (first === undefined) return undefined
  const item = { hubKey: to.hub.key, epoch, ...first }
  return sealHandover(core.crypto, epochKeysOf(seed).wrapKey, { topic: from.topic, epoch }, item)
}

/** The same, from the new hub. */
const firstThere = async (core: Core, { to, seed }: Handover): Promise<Handover['first']> => {
  const { links, signal } = core
  await showKey(core, to.hub.url, to.topic, seed)
  const page = { topic: to.topic, after: 0, limit: 1 }
  const { entries } = await links.get(to.hub.url).request('topic.read', page, { signal, timeout: TIMEOUT })
  const { reference, body, frame } = entries[0] ?? { body: null, frame: null }
  return reference === undefined || body === null || frame === null ? undefined : { reference, body, frame }
}

/** Somebody else has put it there. */
const isListed = async (core: Core, { from, to, epoch, seed }: Handover): Promise<boolean> => {
  const { links, signal, crypto } = core
  for (let after = 0; ; ) {
    const page = { topic: from.topic, after, limit: PAGE }
    const { items } = await links.get(from.hub.url).request('successor.list', page, { signal, timeout: TIMEOUT })
    for (const { seq, body } of items) {
      after = seq
      const item = await openHandover(crypto, epochKeysOf(seed).wrapKey, { topic: from.topic, epoch }, body).catch(
        (error: unknown) => {
          if (!isDchatError(error)) throw error
        },
      )
      if (item !== undefined && equalBytes(item.hubKey, to.hub.key)) return true
    }
    if (items.length === 0) return false
  }
}

/** Some went on in the old topic, where whoever told them of it may be out by now: they follow the word of a member. */
const isBeyond = async ({ links, signal }: Core, { from, epoch }: Announcement): Promise<boolean> => {
  const options = { signal, timeout: TIMEOUT }
  const head = await links.get(from.hub.url).request('topic.head', { topic: from.topic }, options)
  return head.epoch > epoch
}

/** Word for the inboxes of all other devices: some are behind, some beyond, and some elsewhere. */
const movedNotes = (
  { group, record }: Pick<Work, 'group' | 'record'>,
  { self, crypto }: Core,
  { room, from, to, epoch, proof }: Handover,
): readonly Extract<Effect, { readonly kind: 'job' }>[] => {
  const moves = movesIn(record)
  const body = encodeMovedNote({
    room: fromHex(room) as Uint8Array,
    from: from.topic,
    ...to,
    epoch,
    ...(proof && { proof }),
    ...(moves.length > 0 && { moves }),
  })
  const others = group?.members.filter(({ deviceKey }) => !self.isOwnDevice(deviceKey)) ?? []
  return others.map(({ address, deviceKey }) => ({
    kind: 'job',
    key: `post/moved/${room}/${toHex(deviceKey)}`,
    task: { kind: 'post', item: 'moved', address, deviceKey, body, reference: crypto.random(16) },
  }))
}
