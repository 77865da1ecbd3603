import { DchatError, isDchatError } from '../../errors.ts'
import { activeDevices } from '../../protocol/identity/log.ts'
import { type ApprovalRequest, encodeApprovalRequest } from '../../protocol/inbox/approval-request.ts'
import { openCommitKey } from '../../protocol/messages/sealed-commit-key.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { approveCommit } from '../../protocol/topic/commit-frame.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { elapsed } from '../../util/time.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { JobTask, PendingCommitRecord } from '../records.ts'
import { othersToAsk } from './people.ts'
import type { RoomSession } from './session.ts'

/** ms after which an approval that did not come is asked for again. */
export const ASK_AGAIN = 10 * 60_000

export type Approval = Pick<EntryUpload, 'approval'>

/** The secret of a conversation's commit key; undefined where it has none, or this device does not hold it. */
const secretOf = async ({ crypto, self }: Core, { room, commitKey }: Snapshot): Promise<Uint8Array | undefined> => {
  const { deviceKey, introSeed } = self.record
  const sealed = commitKey?.boxes.find(({ device }) => equalBytes(device, deviceKey))
  if (commitKey === undefined || sealed === undefined) return undefined
  try {
    const seed = await openCommitKey(crypto, room, commitKey.key, sealed, introSeed)
    return equalBytes(await crypto.ed25519.publicKey(seed), commitKey.key) ? seed : undefined
  } catch (error) {
    // Whoever made the key sealed something else: this device asks, as the others do.
    if (isDchatError(error, 'crypto/cannot-decrypt')) return undefined
    throw error
  }
}

/** The approval of a commit by this device; undefined where it does not hold the key. */
export const approvedBy = async (core: Core, snapshot: Snapshot, frame: Uint8Array): Promise<Approval | undefined> => {
  const seed = await secretOf(core, snapshot)
  return seed && { approval: await approveCommit(core.crypto, seed, frame) }
}

/**
 * What the hub wants to see with an own commit that is on its way. Where this device does not hold the commit key, it asks
 * those who do, and throws `conversation/awaits-approval`: the commit waits, messages do not.
 */
export const approvalFor = async (session: RoomSession, pending: PendingCommitRecord): Promise<Approval> => {
  const { core, record, snapshot } = session
  const own = await approvedBy(core, snapshot, pending.frame)
  if (own !== undefined) return own
  const now = core.clock.now()
  const { asked } = session
  if (asked === undefined || !equalBytes(asked.reference, pending.reference) || elapsed(asked.at, now) >= ASK_AGAIN) {
    await askKeepers(core, snapshot, { ...pending, topic: record.topic })
    session.asked = { reference: pending.reference, at: now }
  }
  throw new DchatError('conversation/awaits-approval', { conversation: record.conversation })
}

/** Sends a commit to every device that can approve it. */
export const askKeepers = async (
  core: Core,
  { room, people, commitKey }: Snapshot,
  { topic, reference, epoch, body, frame }: Omit<ApprovalRequest, 'room'>,
): Promise<void> => {
  const asked = encodeApprovalRequest({ room, topic, reference, epoch, body, frame })
  const jobs: [key: string, task: JobTask][] = []
  for (const address of othersToAsk({ people })) {
    const log = await core.directory.get(address)
    const devices = log === undefined ? [] : activeDevices(log)
    for (const { deviceKey } of devices)
      if (commitKey?.boxes.some(({ device }) => equalBytes(device, deviceKey)) && !core.self.isOwnDevice(deviceKey))
        jobs.push([
          `post/approve/${toHex(room)}/${toHex(deviceKey)}`,
          { kind: 'post', item: 'approve', address, deviceKey, body: asked, reference: core.crypto.random(16) },
        ])
  }
  await core.store.write(async (tx) => {
    for (const [key, task] of jobs) await putJob(tx, key, task, core.clock.now())
  })
}
