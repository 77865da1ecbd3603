import { DchatError } from '../../errors.ts'
import { contradictionOf } from '../../protocol/topic/contradiction.ts'
import { decodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { RoomSession } from '../rooms/session.ts'
import { keepAndTell } from './hub-fault.ts'
import { leaveHub } from './leave-hub.ts'

/**
 * A member shows why it left the hub: two receipts that contradict each other speak for themselves, whoever brings them.
 * Throws `protocol/malformed` and `relay/bad-receipt` for what proves nothing.
 */
export const takeProof = async (session: RoomSession, encoded: readonly Uint8Array[]): Promise<void> => {
  const { core, record } = session
  const { id, conversation, hub, topic } = record
  const [first, second] = encoded.map(decodeReceipt)
  const isOfTopic = [first, second].every((receipt) => receipt !== undefined && equalBytes(receipt.topic, topic))
  if (first === undefined || second === undefined || !isOfTopic) return
  for (const receipt of [first, second]) await session.verify(receipt)
  const kind = contradictionOf(first, second)
  if (kind === undefined) return
  const seq = Math.max(first.seq, second.seq)
  const place = { relay: hub.url, topic: toHex(topic), seq }
  const { code, message } = new DchatError(
    kind === 'time-backwards' ? 'relay/time-backwards' : 'relay/equivocation',
    place,
  )
  const at = core.clock.now()
  await keepAndTell(
    core,
    id,
    { relay: hub.url, relayKey: hub.key, code, message, topic, seq, receipts: encoded, at },
    conversation,
  )
  await leaveHub(session, topic, { proof: encoded })
}
