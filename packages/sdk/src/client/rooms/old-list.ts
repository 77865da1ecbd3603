import { isDchatError } from '../../errors.ts'
import { decodeCommitFrame, verifyCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { bodyHash } from '../../protocol/topic/entry.ts'
import { epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { type HandoverItem, openHandover } from '../../protocol/topic/handover.ts'
import { handoverNonce, topicIdOf } from '../../protocol/topic/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Continuation } from './continuation.ts'
import { hintsHere, isByMember, isUnanswered } from './forks.ts'
import { hubsIn } from './hubs-in.ts'
import { judgeCommit, type Parent } from './judge-commit.ts'
import { epochsIn } from './note-changes.ts'
import { expectedAt } from './others-commit.ts'
import { epochOf, type RoomSession, showKey } from './session.ts'
import { LostCommit, VoidCommit } from './verdicts.ts'

const TIMEOUT = 15_000
const PAGE = 16

type Epoch = RoomSession['record']['epochs'][number]

/**
 * The handover that stands in the old hub's list: whoever can reach the old hub follows no other (hubs.md). One from an
 * epoch that is over counts where nobody was taken out since, or where a member told of it; one from an epoch whose keys
 * this device does not hold, because it came later or the epoch lies far back, by a member's word that fits. `sealed`: there
 * is none, but one of an epoch whose keys this device does not hold, perhaps because it has not read that far.
 */
export const findInOldList = async (session: RoomSession): Promise<Continuation | 'sealed' | undefined> => {
  const { core, record } = session
  const { signal } = core
  const link = core.links.get(record.hub.url)
  const newest = record.epochs.at(-1)
  if (newest === undefined) return undefined
  await showKey(core, record.hub.url, record.topic, newest.seed)
  const epochs = await core.store.read((tx) => epochsIn(tx, record))
  const unknown = hintBefore(session, epochs)
  let isSealed = false
  for (let after = 0; ; ) {
    const page = { topic: record.topic, after, limit: PAGE }
    const { items } = await link.request('successor.list', page, { signal, timeout: TIMEOUT })
    for (const { seq, body } of items) {
      const found = await entitled(session, epochs, body)
      isSealed ||= found === 'sealed'
      const next = found === 'sealed' ? unknown : found
      if (next !== undefined && !isUnanswered(record, next.topic)) return next
      after = seq
    }
    if (items.length === 0) return isSealed ? 'sealed' : undefined
  }
}

/** The last hint of an epoch whose keys this device does not hold. */
const hintBefore = (session: RoomSession, epochs: readonly Epoch[]): Continuation | undefined =>
  hintsByMembers(session).findLast(
    ({ epoch: from }) => from < epochOf(session.record) && !epochs.some(({ epoch }) => epoch === from),
  )

/** Who has been taken out since may be the only one there. */
const hintsByMembers = ({ record, snapshot }: RoomSession) =>
  hintsHere(record).filter((hint) => isByMember(snapshot, hint))

/** Where an item leads, if it counts; `sealed`: it is from an epoch whose keys this device does not hold. */
const entitled = async (
  session: RoomSession,
  epochs: readonly Epoch[],
  sealed: Uint8Array,
): Promise<Continuation | 'sealed' | undefined> => {
  const { core, record } = session
  for (const known of epochs) {
    const { epoch, seed } = known
    const context = { topic: record.topic, epoch }
    try {
      const item = await openHandover(core.crypto, epochKeysOf(seed).wrapKey, context, sealed)
      return await judged(session, item, known)
    } catch (error) {
      if (isDchatError(error, 'crypto/cannot-decrypt')) continue
      if (!(error instanceof VoidCommit) && !(isDchatError(error) && CONTENT.test(error.code))) throw error
      return undefined
    }
  }
  return 'sealed'
}

/** Codes that speak of what was read. */
const CONTENT = /^(protocol|crypto|conversation|identity)\//

const judged = async (
  session: RoomSession,
  { hubKey, epoch, body, frame: encoded }: HandoverItem,
  { seed }: Epoch,
): Promise<Continuation | undefined> => {
  const { core, record, group, snapshot } = session
  const keys = epochKeysOf(seed)
  const hub = hubsIn(session).find(({ key }) => equalBytes(key, hubKey))
  if (hub === undefined || group === undefined) return undefined
  const topicKey = await topicKeyOf(core.crypto, keys)
  const topic = topicIdOf(topicKey, handoverNonce(record.topic, hub.key))
  const continuation = { hub, topic, epoch }
  if (epoch === epochOf(record)) {
    const parent: Parent = { group, snapshot, keys, handover: expectedAt(hub, { topic: record.topic }) }
    try {
      await judgeCommit(core, parent, { topic, epoch, body, frame: encoded })
    } catch (error) {
      // Valid for everybody, though not to be followed by this device: it asks to be let in over there.
      if (!(error instanceof LostCommit)) throw error
    }
    return continuation
  }
  const frame = decodeCommitFrame(encoded)
  await verifyCommitFrame(core.crypto, frame, topicKey)
  if (!equalBytes(frame.topic, topic) || !equalBytes(frame.commit, bodyHash(body))) return undefined
  // Of many commits the marks of the last ones are kept.
  const isLongAgo = !record.commits.some(({ ended }) => ended === epoch)
  const hasRemovals = record.commits.some(({ ended, removed }) => ended >= epoch && removed.length > 0) || isLongAgo
  const isTold = hintsByMembers(session).some((hint) => equalBytes(hint.topic, topic))
  return hasRemovals && !isTold ? undefined : continuation
}
