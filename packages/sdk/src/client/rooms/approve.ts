import { isDchatError } from '../../errors.ts'
import { decodeApprovalRequest } from '../../protocol/inbox/approval-request.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { elapsed } from '../../util/time.ts'
import { within } from '../../util/wait.ts'
import type { Core } from '../core.ts'
import { addJob, type JobOutcome } from '../jobs.ts'
import type { JobTask, RoomRecord } from '../records.ts'
import { approvedBy } from './approval.ts'
import { publishCommit } from './commit.ts'
import { judgeCommit } from './judge-commit.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, keysOf, type RoomSession } from './session.ts'
import { LostCommit, VoidCommit } from './verdicts.ts'

/** ms between two commits of one device that this one approves: nobody spends epochs at will by asking. */
const APART = 15_000
/** ms that the commit waits for this device to read up to its epoch. */
const PATIENCE = 15_000

/** Takes a request from the inbox: a device of the room asks for the approval of its commit. */
export const takeApprovalRequest = async (
  core: Core,
  rooms: Rooms,
  deviceKey: Uint8Array,
  body: Uint8Array,
): Promise<void> => {
  const { room, ...commit } = decodeApprovalRequest(body)
  const session = rooms.get(toHex(room))
  if (!session?.isMember || session.snapshot.commitKey === undefined) return
  if (!session.group?.members.some((member) => equalBytes(member.deviceKey, deviceKey))) return
  const task = { kind: 'approve', room: session.id, deviceKey, ...commit } as const
  await addJob(core.store, `approve/${session.id}/${toHex(deviceKey)}`, task, core.clock.now())
}

/**
 * Publishes another device's commit with the approval that the hub wants, if everybody would call it valid. Whoever asked
 * reads it in the topic. A commit that was overtaken is dropped: its author makes another one and asks for that.
 */
export const approve = async (
  core: Core,
  rooms: Rooms,
  task: Extract<JobTask, { readonly kind: 'approve' }>,
): Promise<JobOutcome> => {
  const session = rooms.get(task.room)
  if (!session?.isMember || !equalBytes(session.record.topic, task.topic)) return
  const isThere = (record: RoomRecord) => epochOf(record) >= task.epoch || record.state !== 'open'
  await within(core.clock, PATIENCE, (over) => session.until(isThere, { signal: over }), { signal: core.signal })
  if (epochOf(session.record) !== task.epoch || !(await isValid(session, task))) return
  const approval = await approvedBy(core, session.snapshot, task.frame)
  if (approval === undefined) return
  const device = toHex(task.deviceKey)
  const now = core.clock.now()
  const wait = APART - elapsed(session.approved.get(device) ?? 0, now)
  if (wait > 0) return { again: wait }
  session.approved.set(device, now)
  try {
    await publishCommit(core, session.record.hub.url, { topic: task.topic }, { ...task, blobs: [], ...approval })
  } catch (error) {
    if (!isDchatError(error, 'relay/wrong-epoch')) throw error
  }
}

const isValid = async ({ core, record, group, snapshot }: RoomSession, task: Parameters<typeof approve>[2]) => {
  const keys = keysOf(record, task.epoch)
  if (group === undefined || keys === undefined) return false
  try {
    await judgeCommit(core, { group, snapshot, keys }, task)
    return true
  } catch (error) {
    if (!(error instanceof VoidCommit) && !(error instanceof LostCommit)) throw error
    core.log.info('commit not approved', {})
    return false
  }
}
