import { DchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import { within } from '../../util/wait.ts'
import type { RoomRecord } from '../records.ts'
import { type Plan, publishPending } from './commit.ts'
import { keepCommit, makeCommit } from './make-commit.ts'
import type { RoomSession } from './session.ts'

/** ms */
const TIMEOUT = 30_000

/** What is to be done by the room's state at the moment when the commit is made; undefined where nothing is left to do. */
type Planner = (session: RoomSession) => Plan | undefined

/** Makes a commit in the room's epoch and stores it. Resolves with its reference, `busy` where another one is on its way. */
const prepareCommit = (session: RoomSession, plan: Planner): Promise<Uint8Array | 'busy' | 'nothing'> =>
  session.lock.run(async () => {
    const { record } = session
    // First of all: where the room is not open, a commit that waits will not come to its end here.
    session.member()
    if (record.pending !== undefined) return 'busy'
    const wanted = plan(session)
    if (wanted === undefined) return 'nothing'
    const { pending, made } = await makeCommit(session, wanted, { topic: record.topic })
    const next: RoomRecord = { ...record, pending }
    await keepCommit(session, made, { record: next })
    return pending.reference
  })

/**
 * Commits a change: resolves when its commit stands, or when there is nothing left to do because others did it. A commit
 * that lost the race is planned again in the epoch of the winner. Throws `conversation/not-permitted`,
 * `conversation/not-member`, `conversation/awaits-approval` and the link's errors; after these the commit
 * may still come to its end.
 */
export const commitChange = async (session: RoomSession, plan: Planner): Promise<void> => {
  await caughtUp(session)
  while (true) {
    const reference = await prepareCommit(session, plan)
    if (reference === 'nothing') return
    const won = await publishPending(session)
    if (reference !== 'busy' && won !== undefined && equalBytes(won, reference)) return
  }
}

/** Work in a room whose hub does not answer comes back later, and does not keep other work waiting. */
const caughtUp = async ({ core, record, caughtUp }: RoomSession): Promise<void> => {
  const { links, clock, signal } = core
  if (caughtUp.isOpen) return
  const { url } = record.hub
  await links.reach(url, { signal })
  if (await within(clock, TIMEOUT, (over) => caughtUp.wait({ signal: over }), { signal })) return
  throw new DchatError('transport/unreachable', { relay: url, reason: 'its topic was not read to the end in time' })
}
