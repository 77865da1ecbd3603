import { DchatError, isDchatError } from '../../errors.ts'
import { decodeRoomStateOffer } from '../../protocol/inbox/bodies.ts'
import { decodeSnapshot } from '../../protocol/messages/snapshot.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH } from '../../protocol/topic/epoch-keys.ts'
import { verifyReceipt } from '../../protocol/topic/receipt.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { makeKeyPackage } from '../key-packages.ts'
import { commitDataFor, frameCommit, publishCommit } from './commit.ts'
import { checkSnapshot, enterRoom, rightRelay } from './join.ts'
import type { Rooms } from './rooms.ts'
import { topicProof } from './session.ts'

/**
 * Replaces this device's own leaf by an external commit, with the state that a member sent (groups.md). The commit is
 * wrapped and its frame signed under the parent epoch's seed. An offer that was overtaken is dropped: the device asks again.
 */
export const rejoinByOffer = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array): Promise<void> => {
  const offer = decodeRoomStateOffer(encoded)
  const room = toHex(offer.room)
  const record = rooms.get(room)?.record
  // Only what was asked for: an unasked offer could put this device into a state of somebody's choice.
  if (record?.state !== 'rejoining' || !equalBytes(record.topic, offer.topic)) return
  if (!equalBytes(record.hub.key, offer.hub.key)) throw new DchatError('conversation/void', { reason: 'another hub' })
  const snapshot = checkSnapshot(core, decodeSnapshot(offer.snapshot), offer, from)
  if (!equalBytes(record.snapshot, offer.snapshot))
    throw new DchatError('conversation/void', { reason: 'another snapshot' })
  await rightRelay(core, offer.hub)
  const pair = await makeKeyPackage(core, offer.suite)
  const data = await commitDataFor(core, [])
  const made = await core.engine.externalCommit({ groupInfo: offer.groupInfo, tree: offer.tree }, pair, data)
  const keys = epochKeysOf(offer.seed)
  const where = { topic: offer.topic, snapshot: offer.snapshot }
  const pending = await frameCommit(core, where, offer.epoch, keys, made)
  await core.links.get(offer.hub.url).prove(await topicProof(core, offer.topic, offer.seed), { signal: core.signal })
  try {
    const [receipt] = await publishCommit(core, offer.hub.url, { topic: offer.topic }, pending)
    if (receipt === undefined) return
    const head = await verifyReceipt(core.crypto, offer.hub.key, receipt, offer.hub.url)
    const seed = await core.engine.exportSecret(made.next, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
    const { topic, hub, suite } = offer
    const entrance = { room, topic, hub, suite, snapshot: offer.snapshot, group: made.next, seed }
    await enterRoom(core, rooms, snapshot, { ...entrance, seq: receipt.seq, head, time: receipt.time }, (tx) =>
      tx.delete('keyPackages', toHex(pair.reference)),
    )
  } catch (error) {
    if (!isDchatError(error, 'relay/wrong-epoch')) throw error
  }
}
