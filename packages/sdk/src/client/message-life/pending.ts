import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { MessageId } from '../../records/ids.ts'
import type { ActionIntent, IntentRecord } from '../records.ts'

/** Intents of one room that are looked through. */
const QUEUE = 1_000

const queued = async (tx: StoreReader, room: string, target: MessageId) => {
  const rows = await tx.page<IntentRecord>('outbox', { scope: room, limit: QUEUE })
  return rows.flatMap(({ key, value: { action, tried } }) =>
    action?.target === target ? [{ key, action, tried }] : [],
  )
}

/** Own actions on a message that are on their way, in their order. */
export const pendingOf = async (tx: StoreReader, room: string, target: MessageId): Promise<readonly ActionIntent[]> =>
  (await queued(tx, room, target)).map(({ action }) => action)

/** Takes own actions that never left out of the queue; gives them. */
export const dropUntried = async (
  tx: StoreWriter,
  room: string,
  target: MessageId,
  which: (type: ActionIntent['type']) => boolean = () => true,
): Promise<readonly ActionIntent[]> => {
  const needless = (await queued(tx, room, target)).filter(
    ({ action, tried }) => which(action.type) && tried.length === 0,
  )
  for (const { key } of needless) tx.delete('outbox', key)
  return needless.map(({ action }) => action)
}
