import { topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import { handoverNonce, topicIdOf } from '../../protocol/topic/ids.ts'
import type { MovingRecord, RoomRecord } from '../records.ts'
import { keepCommit, makeCommit } from './make-commit.ts'
import { withGivenUp } from './note-changes.ts'
import { expectedAt } from './others-commit.ts'
import { epochOf, keysOf, type RoomSession } from './session.ts'

/**
 * Makes the first commit of the topic that continues this one at another hub, and stores it before anything leaves: from
 * then on this device has left the old one. An opening for another hub, which cannot be reached any more, gives way.
 */
export const prepareHandover = (session: RoomSession, hub: Hub): Promise<MovingRecord['opening']> =>
  session.lock.run(async () => {
    const { core, record, group, snapshot } = session
    const { crypto } = core
    const epoch = epochOf(record)
    const { moving = {}, voided, pending: _, ...rest } = record
    const { opening: known } = moving
    if (known !== undefined && isSameHub(known.hub, hub) && known.pending.epoch === epoch) return known
    const keys = keysOf(record, epoch)
    const isHere = record.state === 'open' || record.state === 'voided'
    if (group === undefined || keys === undefined || record.stale || !isHere) return undefined
    const nonce = handoverNonce(record.topic, hub.key)
    const topic = topicIdOf(await topicKeyOf(crypto, keys), nonce)
    const expected = expectedAt(hub, { topic: record.topic, ...(moving.at === undefined ? {} : { at: moving.at }) })
    const { seq, head } = moving.at ?? record
    const changes = [{ kind: 'handover', topic: record.topic, seq, head, hub }] as const
    const plan = { change: { kind: 'update' }, changes } as const
    const { pending, made } = await makeCommit(session, plan, { topic, handover: expected })
    const opening = { topic, nonce, pending, hub }
    const haltedAt = record.haltedAt ?? core.clock.now()
    const undone = withGivenUp(core, record, snapshot)
    const next: RoomRecord = {
      ...rest,
      ...(undone.length > 0 ? { undone } : {}),
      state: 'voided',
      haltedAt,
      moving: { ...moving, ...(voided && { ended: true }), opening },
    }
    await keepCommit(session, made, { record: next })
    return opening
  })
