import { framedKey } from '../../domain/rooms/commit-key.ts'
import { type ControlContext, judgeControl } from '../../domain/rooms/control.ts'
import { DchatError } from '../../errors.ts'
import type { IdentityLog } from '../../protocol/identity/log.ts'
import { controlValue } from '../../protocol/messages/control-change.ts'
import { decodeCommitData } from '../../protocol/messages/read-commit-data.ts'
import type { PendingCommit } from '../../protocol/mls/engine.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { PendingCommitRecord } from '../records.ts'
import { commitDataOf, frameCommit, logsFor, type Plan } from './commit.ts'
import { movesIn } from './forks.ts'
import { botsIn, statementsIn } from './judge-commit.ts'
import { epochOf, keysOf, putPendingGroup, type RoomSession, type RoomState } from './session.ts'
import { isBotChange } from './verdicts.ts'

/** Logs of other people that one commit carries beyond those that it concerns. */
const NEWS = 16
const NEWS_BYTES = 128 * 1024

/**
 * The commit that a plan makes in the room's present epoch. Throws `conversation/not-permitted` where the others would
 * call it void, and `conversation/not-member`.
 */
export const makeCommit = async (
  session: RoomSession,
  { change, changes = [], joiners = [] }: Plan,
  where: { readonly topic: Uint8Array } & Pick<ControlContext, 'voided' | 'handover'>,
): Promise<{ pending: PendingCommitRecord; made: PendingCommit }> => {
  const { core, record, snapshot, group } = session
  const epoch = epochOf(record)
  const keys = keysOf(record, epoch)
  if (keys === undefined || group === undefined)
    throw new DchatError('conversation/not-member', { conversation: record.conversation })
  const removed = change.kind === 'remove' ? group.members.filter(({ leaf }) => change.leaves.includes(leaf)) : []
  const orders = changes.flatMap((each) => (each.kind === 'remove' && each.order ? [each.order] : []))
  const concerned = [...joiners, ...removed, ...orders, ...changes.filter(isBotChange)].map(({ address }) => address)
  const logs = withNews(await logsFor(core, concerned), await logsFor(core, newsOf(session).slice(0, NEWS)))
  const view = {
    kind: change.kind,
    epoch,
    committer: { address: core.self.address, deviceKey: core.self.record.deviceKey },
    added: joiners,
    removed,
  }
  const said = await statementsIn(core, snapshot, group.members, changes)
  const { topic, ...expected } = where
  const isFirst = !equalBytes(topic, record.topic)
  if (joiners.length > 0 && session.asksOthers)
    throw new DchatError('conversation/not-permitted', { reason: 'an owner or admin adds devices for now' })
  const next = judgeControl(snapshot, {
    view,
    members: group.members,
    changes,
    logs,
    ...said,
    ...(await botsIn(core, logs, changes)),
    ...expected,
  })
  if (typeof next === 'string') throw new DchatError('conversation/not-permitted', { reason: next })
  const data = commitDataOf(logs, changes.map(controlValue))
  // What the others could not read they would call void, and its author an offender.
  decodeCommitData(data)
  const made = await core.engine.commit(group, change, data)
  const commitKey = framedKey(snapshot.commitKey, next.commitKey, isFirst)
  const framed = commitKey === undefined ? {} : { commitKey }
  const gone = removed.map(({ deviceKey }) => toHex(deviceKey))
  const { heard } = session.control
  const options = { removed: gone, joiners, changes, heard, moves: movesIn(record), ...framed }
  const pending = await frameCommit(core, { topic, snapshot: next }, epoch, keys, made, options)
  return { pending, made }
}

/** Stores a change of the room together with what an own commit leads to, before that commit leaves. */
export const keepCommit = async (
  session: RoomSession,
  { next }: PendingCommit,
  change: Partial<RoomState>,
): Promise<void> => {
  const { core, id } = session
  await core.store.write(async (tx) => {
    session.put(tx, change)
    putPendingGroup(tx, core, id, next)
  })
  session.pendingGroup = next
  session.settle(change)
}

/** Adds others' news as far as they fit. */
const withNews = (
  logs: ReadonlyMap<Address, IdentityLog>,
  news: ReadonlyMap<Address, IdentityLog>,
): ReadonlyMap<Address, IdentityLog> => {
  const all = new Map(logs)
  let bytes = 0
  for (const [address, log] of news) {
    bytes += log.entries.reduce((sum, { encoded }) => sum + encoded.length, 0)
    if (bytes <= NEWS_BYTES) all.set(address, log)
  }
  return all
}

/** People whose log has grown, by what messages named, since a commit last carried it: joiners must know of it too. */
const newsOf = ({ control: { named, snapshot } }: RoomSession): readonly Address[] =>
  snapshot.people.flatMap(({ address, log }) => ((named[address] ?? 0) > log ? [address] : []))
