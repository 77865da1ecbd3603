import { isDchatError } from '../../errors.ts'
import { epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { handoverNonce, topicIdOf } from '../../protocol/topic/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { elapsed } from '../../util/time.ts'
import type { HintRecord, RoomRecord } from '../records.ts'
import { listHandover, tellOfHandover } from './announce-handover.ts'
import { hintsHere, isByMember, isUnanswered } from './forks.ts'
import { epochsIn } from './note-changes.ts'
import { epochOf, type RoomSession } from './session.ts'

/** ms for which those who moved have the time to put the handover into the list themselves. */
const PATIENCE = 10 * 60_000

/**
 * A member said that the conversation went on elsewhere, and nobody has put that into the hub's list since: they may have vanished, and
 * whom they let in there cannot. So whoever stayed puts it there (hubs.md). From an epoch that is over, only once somebody who is
 * over there has answered: this device would have to be let in. True if it did.
 */
export const listTold = async (session: RoomSession): Promise<boolean> => {
  const { core, record, snapshot } = session
  const now = core.clock.now()
  const told = hintsHere(record).filter((hint) => isByMember(snapshot, hint) && !isUnanswered(record, hint.topic))
  for (const hint of told) {
    if (elapsed(hint.at ?? 0, now) < PATIENCE && !isAnswered(record, hint)) continue
    if (hint.epoch === epochOf(record) || isAnswered(record, hint)) {
      if (await list(session, hint)) return true
    } else if (record.unanswered === undefined) await askFirst(session, hint)
  }
  return false
}

/** This device had asked whether somebody is there, and somebody has said so. */
const isAnswered = ({ unanswered }: RoomRecord, { topic }: HintRecord): boolean =>
  unanswered !== undefined && equalBytes(unanswered.topic, topic)

const askFirst = (session: RoomSession, { topic }: HintRecord): Promise<void> =>
  session.lock.run(async () => {
    const { core } = session
    const record: RoomRecord = { ...session.record, unanswered: { topic, at: core.clock.now() } }
    await core.store.write(async (tx) => session.put(tx, { record }))
    session.settle({ record })
  })

const list = async (session: RoomSession, { topic, hub, epoch }: HintRecord): Promise<boolean> => {
  const { core, record } = session
  const known = (await core.store.read((tx) => epochsIn(tx, record))).find((each) => each.epoch === epoch)
  if (known === undefined) return false
  const topicKey = await topicKeyOf(core.crypto, epochKeysOf(known.seed))
  if (!equalBytes(topic, topicIdOf(topicKey, handoverNonce(record.topic, hub.key)))) return false
  const from = { topic: record.topic, hub: record.hub }
  const handover = { room: record.id, from, to: { topic, hub }, epoch, seed: known.seed }
  try {
    if ((await listHandover(core, handover)) !== 'put') return false
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    core.log.debug('handover not listed', { code: error.code })
    return false
  }
  await core.store.write((tx) => tellOfHandover(tx, session, handover))
  return true
}
