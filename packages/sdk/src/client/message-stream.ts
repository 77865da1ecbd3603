import type { StoreReader } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import type { ConversationId, Cursor, MessageId } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import type { Abortable } from '../util/abort.ts'
import { askAhead } from '../util/streams.ts'
import type { Core } from './core.ts'
import { dropActs } from './message-life/acts.ts'
import { toMessage } from './message-view.ts'
import { hiddenMessages } from './people/silence.ts'
import type { MessageRecord } from './records.ts'

const PAGE = 100

export interface StreamOptions extends Abortable {
  readonly name?: string
  readonly after?: Cursor | 'now' | 'start'
  readonly conversation?: ConversationId
  readonly own?: boolean
  readonly manual?: boolean
  readonly once?: boolean
}

const parseCursor = (cursor: string): number => {
  const value = Number(cursor)
  if (cursor !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new DchatError('usage/invalid-argument', { name: 'cursor', reason: 'it is not one that this device gave' })
}

/** How a stream reads: what stands behind a place, in order, and what is handed out of each row. */
export interface Reading<Row, T> {
  readonly rows: (
    tx: StoreReader,
    after: number,
    limit: number,
  ) => Promise<readonly { position?: number; value: Row }[]>
  readonly of: (tx: StoreReader, row: Row, position: number) => Promise<T | undefined>
}

/** Everything that arrived, in the order of arrival, from a stored cursor (messages.md). */
export const streamMessages = (core: Core, options: StreamOptions): AsyncGenerator<Message> =>
  follow(core, options, {
    rows: arrivedMessages,
    of: async (tx, { id }) => {
      const record = await shownArrival(tx, core, id, options)
      return record === undefined ? undefined : toMessage(record)
    },
  })

export const arrivedMessages = (tx: StoreReader, after: number, limit: number) =>
  tx.page<{ readonly id: MessageId }>('arrivals', { scope: 'all', after, limit })

/** The message of an arrival, where the stream hands it out. */
export const shownArrival = async (
  tx: StoreReader,
  core: Core,
  id: MessageId,
  options: StreamOptions,
): Promise<MessageRecord | undefined> => {
  const found = await tx.get<MessageRecord>('messages', id)
  if (found === undefined || !wanted(found, options) || (await hiddenMessages(tx, core)(found))) return undefined
  return found
}

/** The cursor moves when the next item is asked for, so a crash in between repeats an item rather than losing it. */
export async function* follow<Row, T>(
  core: Core,
  options: StreamOptions,
  { rows: rowsAfter, of }: Reading<Row, T>,
): AsyncGenerator<T> {
  const { store } = core
  const name = options.name ?? 'default'
  const signals = options.signal === undefined ? [core.signal] : [core.signal, options.signal]
  const signal = AbortSignal.any(signals)
  const changes = store.changes(['arrivals'], { signal })[Symbol.asyncIterator]()
  let changed = askAhead(changes)
  try {
    let at = await startOf(core, name, options.after)
    while (true) {
      const rows = await store.read((tx) => rowsAfter(tx, at, PAGE))
      for (const { position, value } of rows) {
        options.signal?.throwIfAborted()
        const item = await store.read((tx) => of(tx, value, position as number))
        if (item !== undefined) {
          yield item
          if (!options.manual) await ackCursor(core, `${position}` as Cursor, name)
        }
        at = position as number
      }
      if (rows.length > 0) continue
      if (options.once) return
      if ((await changed).done) {
        if (core.self.isRevoked) throw new DchatError('identity/device-revoked', { device: core.self.device })
        return
      }
      changed = askAhead(changes)
    }
  } finally {
    await changes.return?.()
  }
}

const wanted = (record: MessageRecord, { own, conversation }: StreamOptions): boolean =>
  (own === true || !record.own) && (conversation === undefined || record.conversation === conversation)

const startOf = async (core: Core, name: string, after: StreamOptions['after']): Promise<number> => {
  if (after === 'start') return 0
  if (after === 'now') return newestArrival(core)
  if (after !== undefined) return parseCursor(after)
  return (await core.store.read((tx) => tx.get<number>('streams', name))) ?? 0
}

/** Place of the last message that arrived; 0 if none did. */
export const newestArrival = async (core: Core): Promise<number> =>
  (await core.store.read((tx) => tx.get<number>('meta', 'arrivals'))) ?? 0

/** Moves a stream's stored cursor forward; never back. */
export const ackCursor = (core: Core, cursor: Cursor, name = 'default'): Promise<void> => {
  const position = parseCursor(cursor)
  return core.store.write(async (tx) => {
    const known = (await tx.get<number>('streams', name)) ?? 0
    if (position <= known) return
    tx.put('streams', { key: name, value: position })
    await dropActs(tx, name)
  })
}
