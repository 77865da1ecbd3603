import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { MessageId } from '../../records/ids.ts'
import { deleteMessage, getMessage } from '../message-life/rows.ts'
import { SELF_ROOM } from '../personal/registers.ts'
import type { MessageRecord } from '../records.ts'

export const CHANGED = 'changed'
/** archive/altered/<message id>, scope 'altered', position: as an arrival of that moment would have had: the message's id */
export const ALTERED = 'altered'
const PASSED_OVER = 'passed-over'

/** Notes, where bodies are kept in the archive, that a message is not what it was, or gone: what stands there follows. */
export const noteChanged = async (tx: StoreWriter, id: MessageId): Promise<void> => {
  if ((await tx.get('archive', 'chain')) === undefined) return
  const [last] = await tx.page('archive', { scope: CHANGED, order: 'descending', limit: 1 })
  tx.put('archive', { key: `changed/${id}`, scope: CHANGED, position: (last?.position ?? 0) + 1, value: id })
}

/** Notes, where there are other own devices, that a message is not as it was given to one of them before. */
export const noteToGive = async (tx: StoreWriter, id: MessageId, arrival: number): Promise<void> => {
  if ((await tx.get('meta', SELF_ROOM)) === undefined) return
  tx.put('archive', { key: `${ALTERED}/${id}`, scope: ALTERED, position: arrival, value: id })
  await passOver(tx, 1)
}

/** archive/passed-over: how many counts of arrivals no message took. */
export const passedOver = async (tx: StoreReader): Promise<number> =>
  (await tx.get<number>('archive', PASSED_OVER)) ?? 0

export const passOver = async (tx: StoreWriter, count: number): Promise<void> =>
  tx.put('archive', { key: PASSED_OVER, value: (await passedOver(tx)) + count })

export const forgetToGive = (tx: StoreWriter, id: MessageId): void => tx.delete('archive', `${ALTERED}/${id}`)

/** A message that came as history now comes by its topic: it takes its place there, as what was done to it left it. */
export const leaveHistory = async (tx: StoreWriter, id: MessageId): Promise<MessageRecord | undefined> => {
  const known = await getMessage(tx, id)
  if (known === undefined) return undefined
  deleteMessage(tx, known)
  tx.delete('arrivals', `${known.arrival}`)
  return known
}
