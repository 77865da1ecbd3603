import type { Core } from '../core.ts'
import { makeKeyPackage } from '../key-packages.ts'
import type { RoomRecord } from '../records.ts'
import { commitDataOf, frameCommit, logsFor, publishPending } from './commit.ts'
import { afterRejoin } from './rejoin.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, keysOf, putPendingGroup, type RoomSession } from './session.ts'

/**
 * An old copy of a store that can still follow the log needs nobody: it reads to the end without writing, then replaces
 * its own leaf by an external commit, made from the public state that it holds itself (groups.md).
 */
export const replaceLeaf = async (core: Core, rooms: Rooms, room: string): Promise<void> => {
  const session = rooms.get(room)
  while (session?.record.state === 'open' && session.record.stale) {
    await session.caughtUp.wait({ signal: core.signal })
    await prepare(session)
    await publishPending(session)
  }
  if (session?.isMember) core.events.emit({ type: 'rejoin', conversation: session.record.conversation, state: 'done' })
}

const prepare = (session: RoomSession): Promise<void> =>
  session.lock.run(async () => {
    const { core, record, group, snapshot } = session
    const epoch = epochOf(record)
    const keys = keysOf(record, epoch)
    if (record.pending !== undefined || group === undefined || keys === undefined) return
    const own = await makeKeyPackage(core, record.suite)
    const logs = await logsFor(core, [])
    const after = afterRejoin(core, snapshot, epoch, logs)
    const made = await core.engine.externalCommit(await core.engine.publicState(group), own, commitDataOf(logs))
    const where = { topic: record.topic, snapshot: after }
    const pending = await frameCommit(core, where, epoch, keys, made, { external: true })
    const next: RoomRecord = { ...record, pending }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      putPendingGroup(tx, core, record.id, made.next)
    })
    session.pendingGroup = made.next
    session.settle({ record: next })
  })
