import type { MessageAction } from '../../domain/messages/life.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { ActRecord, QueryActRecord } from '../records.ts'

/** Rows that one acknowledgement drops; the next one goes on. */
const PAGE = 200

/** meta/acts: the names of the streams that asked for what is done to messages. */
const actReaders = async (tx: StoreReader): Promise<readonly string[]> =>
  (await tx.get<readonly string[]>('meta', 'acts')) ?? []

/** From now on what is done to messages is kept for the stream of this name. */
export const registerActReader = async (tx: StoreWriter, name: string): Promise<void> => {
  const readers = await actReaders(tx)
  if (!readers.includes(name)) tx.put('meta', { key: 'acts', value: [...readers, name] })
}

/** Drops what every stream that asked for it has acknowledged, once the one of this name went on. */
export const dropActs = async (tx: StoreWriter, name: string): Promise<void> => {
  const readers = await actReaders(tx)
  if (!readers.includes(name)) return
  const places = await Promise.all(readers.map((reader) => tx.get<number>('streams', reader)))
  const read = Math.min(...places.map((place) => place ?? 0))
  const rows = await tx.page('arrivals', { scope: 'acts', before: read + 1, limit: PAGE })
  for (const { key } of rows) tx.delete('arrivals', key)
}

/** Keeps what was done to a message, where somebody asked for that. */
export const putAct = async (tx: StoreWriter, arrival: number, value: ActRecord | QueryActRecord): Promise<void> => {
  if ((await actReaders(tx)).length === 0) return
  tx.put('arrivals', { key: `act/${arrival}`, scope: 'acts', position: arrival, value })
}

/** How it is told. */
export const actOf = (what: MessageAction) => {
  switch (what.type) {
    case 'edit':
      return { type: 'edited' } as const
    case 'delete':
      return { type: 'deleted' } as const
    case 'react':
    case 'unreact':
      return { type: 'reaction', emoji: what.emoji, added: what.type === 'react' } as const
  }
}
