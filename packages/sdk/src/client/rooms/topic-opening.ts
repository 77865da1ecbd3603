import { epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import type { RoomSession } from './session.ts'
import type { Opening } from './tail.ts'

/** The present topic's opening, if this device opened it and still has the key. To be asked before its first entry is read. */
export const openingOf = async ({ core, record }: RoomSession): Promise<Opening | undefined> => {
  const { nonce, seq, firstEpoch: epoch, epochs } = record
  const seed = seq === 0 && nonce ? epochs.find((held) => held.epoch === epoch)?.seed : undefined
  return seed && nonce && { nonce, key: await topicKeyOf(core.crypto, epochKeysOf(seed)), epoch }
}
