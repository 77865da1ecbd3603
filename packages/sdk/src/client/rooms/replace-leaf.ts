import type { Group } from '../../protocol/mls/engine.ts'
import type { EpochKeys } from '../../protocol/topic/epoch-keys.ts'
import type { Core } from '../core.ts'
import { makeKeyPackage } from '../key-packages.ts'
import type { RoomRecord } from '../records.ts'
import { commitDataOf, frameCommit, logsFor, publishPending } from './commit.ts'
import { keepCommit, makeCommit } from './make-commit.ts'
import { afterRejoin } from './rejoin.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, keysOf, type RoomSession } from './session.ts'

/** ms */
const SOON = 50

/**
 * An old copy of a store that can still follow the log needs nobody: it reads to the end without writing, then replaces
 * its own leaf by an external commit, made from the public state that it holds itself (groups.md).
 */
export const replaceLeaf = async (
  core: Core,
  rooms: Rooms,
  room: string,
): Promise<void | { readonly again: number }> => {
  const session = rooms.get(room)
  // Stored in one transaction with the room, which is about to be taken up.
  if (session === undefined && (await isStored(core, room))) return { again: SOON }
  while (session?.record.state === 'open' && session.record.stale) {
    await readToEnd(session)
    await prepare(session)
    await publishPending(session)
  }
  if (session?.isMember) core.events.emit({ type: 'rejoin', conversation: session.record.conversation, state: 'done' })
}

/** Reads what the hub holds; or comes upon something that it cannot follow, behind which nothing is read. */
const readToEnd = async (session: RoomSession): Promise<void> => {
  const over = new AbortController()
  const signal = AbortSignal.any([session.core.signal, over.signal])
  const ends = [session.caughtUp.wait({ signal }), session.until(({ state }) => state !== 'open', { signal })]
  for (const end of ends) end.catch(() => undefined)
  try {
    await Promise.race(ends)
  } finally {
    over.abort()
  }
}

const isStored = async ({ store }: Core, room: string): Promise<boolean> =>
  (await store.read((tx) => tx.get<RoomRecord>('rooms', room))) !== undefined

type Made = Pick<Awaited<ReturnType<typeof makeCommit>>, 'pending' | 'made'>

const enterAnew = async (session: RoomSession, group: Group, keys: EpochKeys): Promise<Made> => {
  const { core, record, snapshot } = session
  const epoch = epochOf(record)
  const own = await makeKeyPackage(core, record.suite)
  const logs = await logsFor(core, [])
  const after = afterRejoin(core, snapshot, epoch, logs)
  const made = await core.engine.externalCommit(await core.engine.publicState(group), own, commitDataOf(logs))
  const where = { topic: record.topic, snapshot: after }
  return { made, pending: await frameCommit(core, where, epoch, keys, made, { external: true }) }
}

/** Where no leaf would be left to enter beside, a new path does the same: its keys and ratchets are made here and now. */
const renew = async (session: RoomSession): Promise<Made> => {
  const { pending, made } = await makeCommit(session, { change: { kind: 'update' } }, { topic: session.record.topic })
  return { made, pending: { ...pending, fresh: true } }
}

const prepare = (session: RoomSession): Promise<void> =>
  session.lock.run(async () => {
    const { record, group } = session
    const keys = keysOf(record, epochOf(record))
    if (record.state !== 'open' || record.pending !== undefined || group === undefined || keys === undefined) return
    const isAlone = group.members.length === 1
    const { pending, made } = await (isAlone ? renew(session) : enterAnew(session, group, keys))
    const next: RoomRecord = { ...record, pending }
    await keepCommit(session, made, { record: next })
  })
