import type { StoreWriter } from '../../domain/store/store.ts'
import type { MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { toMessage } from '../message-view.ts'
import { getMessage, putMessage } from './rows.ts'

/** Marks what was pinned, and takes the mark off what is pinned no more; gives the messages that changed. */
export const showPins = async (
  tx: StoreWriter,
  before: readonly MessageId[],
  after: readonly MessageId[],
): Promise<readonly Message[]> => {
  const changed: Message[] = []
  for (const id of new Set([...before, ...after])) {
    const isPinned = after.includes(id)
    const message = before.includes(id) === isPinned ? undefined : await getMessage(tx, id)
    if (message === undefined || (message.pinned ?? false) === isPinned) continue
    const { pinned: _, ...rest } = message
    const record = isPinned ? { ...rest, pinned: true as const } : rest
    putMessage(tx, record)
    changed.push(toMessage(record))
  }
  return changed
}
