import type { StoreWriter } from '../../domain/store/store.ts'
import type { Entry, Params } from '../../protocol/wire/methods.ts'

/** Entries of a room that are kept as they came. */
export const TAIL = 128

export const tailKey = (room: string, slot: number | 'first'): string => `${room}/${slot}`

/** How the topic was opened: its creator's, to open it again. */
export type Opening = NonNullable<Params<'topic.restore'>['create']>

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
