import { framedKey } from '../../domain/rooms/commit-key.ts'
import { type ControlContext, type ExpectedHandover, judgeControl } from '../../domain/rooms/control.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import { leaveStatement } from '../../protocol/messages/leave-statement.ts'
import { decodeCommitData } from '../../protocol/messages/read-commit-data.ts'
import { removalStatement } from '../../protocol/messages/removal-statement.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { CommitView, Group, Member } from '../../protocol/mls/engine.ts'
import { type CommitFrame, decodeCommitFrame, verifyCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { bodyHash } from '../../protocol/topic/entry.ts'
import { type EpochKeys, EXPORTER_LABEL, TOPIC_SEED_LENGTH, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { unwrapEntry } from '../../protocol/topic/wrap.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { botJudge } from '../bots/judge.ts'
import type { Core } from '../core.ts'
import { frameProblem } from './frame-problem.ts'
import { isBotChange, LostCommit, VoidCommit } from './verdicts.ts'

/** A commit as it stands in a topic, or as an announcement carries it. */
export interface CommitUpload {
  readonly topic: Uint8Array
  readonly epoch: number
  readonly body: Uint8Array
  readonly frame: Uint8Array
}

/** What a commit is judged against. */
export interface Parent {
  readonly group: Group
  readonly snapshot: Snapshot
  readonly keys: EpochKeys
  /** Set for the first commit of a successor topic. */
  readonly voided?: { readonly topic: Uint8Array; readonly seq: number; readonly offender?: Address }
  /** Set for the first commit of a topic at another hub. */
  readonly handover?: ExpectedHandover
}

export interface Judged {
  readonly next: Group
  readonly view: CommitView
  readonly snapshot: Snapshot
  readonly changes: readonly ControlChange[]
}

/**
 * Judges and applies a commit (topic.md and groups.md): frame, wrap, structure, permissions, then the state that it leads
 * to. Throws `VoidCommit`, and `LostCommit` where only this device fails.
 */
export const judgeCommit = async (core: Core, parent: Parent, upload: CommitUpload): Promise<Judged> => {
  const { crypto, engine } = core
  const { group, keys } = parent
  const { frame, commit } = await opened(core, keys, upload)
  let snapshot = parent.snapshot
  let changes: readonly ControlChange[] = []
  const verdict = await engine.judge(group, commit, async (view, members) => {
    const data = await readData(core, view)
    if (typeof data === 'string') return data
    changes = data.changes
    const said = await statementsIn(core, parent.snapshot, members, data.changes)
    const bots = await botsIn(core, data.logs, data.changes)
    const next = judgeControl(parent.snapshot, { ...data, view, members, ...said, ...bots, ...expectedOf(parent) })
    if (typeof next === 'string') return next
    snapshot = next
    return true
  })
  if (verdict.verdict === 'void') throw new VoidCommit(verdict.reason, verdict.author)
  const { view } = verdict
  const author = group.members.find(({ deviceKey }) => equalBytes(deviceKey, view.committer.deviceKey)) as Member
  if (frame.removes !== (view.kind === 'remove'))
    throw new VoidCommit('its frame hides a removal, or invents one', author)
  const isFirst = parent.voided !== undefined || parent.handover !== undefined
  if (!isSameKey(frame.commitKey, framedKey(parent.snapshot.commitKey, snapshot.commitKey, isFirst)))
    throw new VoidCommit('its frame names another commit key', author)
  const next = await engine.apply(group, commit, verdict).catch((error: unknown) => {
    throw isDchatError(error, 'crypto/cannot-decrypt') ? new LostCommit(author, view, error) : error
  })
  if (next.active) {
    const seed = await engine.exportSecret(next, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
    const reason = await frameProblem(crypto, frame, seed, await engine.publicState(next), snapshot)
    if (reason !== undefined) throw new VoidCommit(reason, author)
  }
  return { next, view, snapshot, changes }
}

const isSameKey = (a: CommitFrame['commitKey'], b: CommitFrame['commitKey']): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? equalBytes(a, b) : a === b

const expectedOf = ({ voided, handover }: Parent) => ({
  ...(voided === undefined ? {} : { voided }),
  ...(handover === undefined ? {} : { handover }),
})

/** The frame and the MLS message inside the wrap; what anybody with the shared keys could have made proves no author. */
const opened = async (
  { crypto }: Core,
  keys: EpochKeys,
  { topic, epoch, body, frame: encoded }: CommitUpload,
): Promise<{ frame: CommitFrame; commit: Uint8Array }> => {
  try {
    const frame = decodeCommitFrame(encoded)
    await verifyCommitFrame(crypto, frame, await topicKeyOf(crypto, keys))
    if (!equalBytes(frame.topic, topic) || frame.epoch !== epoch || !equalBytes(frame.commit, bodyHash(body)))
      throw new VoidCommit('its frame is for something else')
    return { frame, commit: await unwrapEntry(crypto, keys.wrapKey, { topic, kind: 'commit', epoch }, body) }
  } catch (error) {
    if (error instanceof DchatError) throw new VoidCommit(error.message)
    throw error
  }
}

const readData = async ({ directory }: Core, view: CommitView) => {
  try {
    const { logs, changes } = decodeCommitData(view.authenticatedData)
    return { logs: await directory.carried(logs), changes }
  } catch (error) {
    if (error instanceof DchatError && !error.retryable) return 'what it carries does not decode or verify'
    throw error
  }
}

/** What judges a commit's word on bots. */
export const botsIn = async (
  core: Core,
  logs: ControlContext['logs'],
  changes: readonly ControlChange[],
): Promise<Pick<ControlContext, 'bots'>> => (changes.some(isBotChange) ? botJudge(core, logs, changes) : {})

/** Of whom the commit carries a word that they go which verifies: their own, or that of somebody who takes them out. */
export const statementsIn = async (
  core: Pick<Core, 'crypto'>,
  snapshot: Snapshot,
  members: readonly Member[],
  changes: readonly ControlChange[],
): Promise<Pick<ControlContext, 'left' | 'ordered'>> => ({
  left: await leavers(core, snapshot, members, changes),
  ordered: await orderedOut(core, snapshot, changes),
})

const orderedOut = async (
  { crypto }: Pick<Core, 'crypto'>,
  snapshot: Snapshot,
  changes: readonly ControlChange[],
): Promise<ReadonlySet<Address>> => {
  const ordered = new Set<Address>()
  for (const change of changes) {
    const person = change.kind === 'remove' && change.order ? personOf(snapshot, change.address) : undefined
    if (change.kind !== 'remove' || change.order === undefined || person === undefined) continue
    const { deviceKey, signature } = change.order
    const statement = removalStatement(snapshot.room, person.address, person.since)
    if (await crypto.ed25519.verify(deviceKey, statement, signature)) ordered.add(person.address)
  }
  return ordered
}

/** The people whose leave statement in the commit verifies by the key of a leaf that they have. */
const leavers = async (
  { crypto }: Pick<Core, 'crypto'>,
  snapshot: Snapshot,
  members: readonly Member[],
  changes: readonly ControlChange[],
): Promise<ReadonlySet<Address>> => {
  const left = new Set<Address>()
  for (const change of changes) {
    if (change.kind !== 'left') continue
    const { address, deviceKey, signature } = change
    const person = personOf(snapshot, address)
    const isLeaf = members.some((member) => member.address === address && equalBytes(member.deviceKey, deviceKey))
    if (person === undefined || !isLeaf) continue
    const statement = leaveStatement(snapshot.room, address, person.since)
    if (await crypto.ed25519.verify(deviceKey, statement, signature)) left.add(address)
  }
  return left
}
