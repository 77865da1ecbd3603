import type { StoreWriter } from '../../domain/store/store.ts'
import { epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import type { Entry, Params } from '../../protocol/wire/methods.ts'
import type { RoomSession } from './session.ts'

/** Entries of a room that are kept as they came. */
export const TAIL = 128

export const tailKey = (room: string, slot: number | 'first'): string => `${room}/${slot}`

/** How the topic was opened: its creator's, to open it again. */
export type Opening = NonNullable<Params<'topic.restore'>['create']>

/** The present topic's opening, if this device opened it and still has the key. To be asked before its first entry is read. */
export const openingOf = async ({ core, record }: RoomSession): Promise<Opening | undefined> => {
  const { nonce, seq, firstEpoch: epoch, epochs } = record
  const seed = seq === 0 && nonce ? epochs.find((held) => held.epoch === epoch)?.seed : undefined
  return seed && nonce && { nonce, key: await topicKeyOf(core.crypto, epochKeysOf(seed)), epoch }
}

/**
 * Keeps the last entries of a room with their receipts: a relay that was restored from an older copy gets them back
 * (topic.md). The newer ones take the place of older ones; what a relay has trimmed cannot be given back.
 */
export const keepTail = (
  tx: StoreWriter,
  room: string,
  entries: readonly Entry[],
  opening: Opening | undefined,
): void => {
  if (opening) tx.put('tail', { key: tailKey(room, 'first'), value: opening })
  for (const entry of entries)
    if (entry.body) tx.put('tail', { key: tailKey(room, entry.receipt.seq % TAIL), value: entry })
}
