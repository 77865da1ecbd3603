import type { StoreReader } from '../../domain/store/store.ts'
import { ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { putJob } from '../jobs.ts'
import type { ForkRecord, LeftRecord, RoomRecord } from '../records.ts'
import { SEEDS } from './apply-commit.ts'
import { type Continuation, handoverOf } from './continuation.ts'
import { forksAfter, forksAt, removedSince } from './forks.ts'
import { askFor } from './leave.ts'
import { type SideTerms, termOn } from './leave-side.ts'
import { withoutCommits, withoutTopic } from './move-room.ts'
import { changedIn, epochsIn, takeUndone } from './note-changes.ts'
import type { Rooms } from './rooms.ts'
import { sayUnsaid } from './say-again.ts'
import { dropPendingGroup, type RoomSession } from './session.ts'

/**
 * The conversation went on elsewhere from an epoch that this device has gone beyond, or has not reached: it asks to be let
 * in there. `fork`: it had gone elsewhere from an earlier topic, and what came after that does not stand. What commits did
 * that do not stand there is remembered, and done again (hubs.md).
 */
export const rejoinElsewhere = async (
  session: RoomSession,
  rooms: Rooms,
  to: Continuation,
  fork?: ForkRecord,
): Promise<void> => {
  const { core } = session
  const { hub, topic } = to
  await session.lock.run(async () => {
    const { record } = session
    const now = core.clock.now()
    const epoch = Math.min(to.epoch, fork?.epoch ?? to.epoch)
    const lost =
      fork === undefined
        ? record.commits.flatMap(({ ended, removed }) => (ended >= epoch ? removed : []))
        : removedSince(record, fork)
    const present = new Set(session.group?.members.map(({ deviceKey }) => toHex(deviceKey)))
    const removedBefore = [...new Set([...(record.removedBefore ?? []), ...lost])].filter(
      (device) => !present.has(device),
    )
    const terms = fork && termsOf(fork, to)
    let next: RoomRecord = {
      ...withoutTopic(record),
      topic,
      hub,
      state: 'rejoining',
      haltedAt: now,
      seq: 0,
      head: ZERO_HEAD,
      time: 0,
      heads: [],
      commits: [],
      firstEpoch: to.epoch,
      handover: handoverOf(session, epoch),
      forks: fork === undefined ? forksAfter(session, to) : forksAt(record, fork, to),
      laterThan: fork?.term ?? session.snapshot.term,
      ...(terms && {
        term: termOn(session.snapshot, record, terms),
        sharedTerm: Math.min(record.sharedTerm ?? terms.shared, terms.shared),
      }),
      ...(removedBefore.length > 0 ? { removedBefore } : {}),
    }
    await core.store.write(async (tx) => {
      // Keys of epochs that others do not share open nothing there.
      const epochs = (await epochsIn(tx, record)).filter((known) => known.epoch <= epoch).slice(-SEEDS)
      const left = await leftOf(tx, record)
      const undone = await takeUndone(tx, core, session, fork ?? epoch)
      next = {
        ...next,
        ...(undone.length > 0 ? { undone } : {}),
        epochs,
        ...(left && { left }),
      }
      session.put(tx, { record: next })
      dropPendingGroup(tx, record.id)
      await sayUnsaid(tx, core, record)
      await putJob(tx, `ask/${record.id}`, askFor(session, next), now)
    })
    session.pendingGroup = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
  })
  rooms.restart(session)
}

/** What this device can go back to, where nobody answers. */
const leftOf = async (tx: StoreReader, record: RoomRecord): Promise<LeftRecord | undefined> =>
  record.state === 'open' || record.state === 'voided'
    ? { record: withoutCommits(record), changed: await changedIn(tx, record.id) }
    : record.left

/** The topic of a fork is the last one that its sides share; one of them may have stayed there. */
const termsOf = ({ from, term }: ForkRecord, { topic }: Continuation): SideTerms => ({
  shared: term,
  next: equalBytes(topic, from) ? term : term + 1,
})
