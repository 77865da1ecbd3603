import { DchatError } from '../errors.ts'
import type { ConversationId, Cursor, MessageId } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import type { Abortable } from '../util/abort.ts'
import type { Core } from './core.ts'
import { toMessage } from './message-view.ts'
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

/**
 * Everything that arrived, in the order of arrival, from a stored cursor (messages.md). The cursor moves when the next
 * message is asked for, so a crash in between repeats a message rather than losing it.
 */
export async function* streamMessages(core: Core, options: StreamOptions): AsyncGenerator<Message> {
  const { store } = core
  const name = options.name ?? 'default'
  const signals = options.signal === undefined ? [core.signal] : [core.signal, options.signal]
  const signal = AbortSignal.any(signals)
  const changes = store.changes(['arrivals'], { signal })[Symbol.asyncIterator]()
  let changed = changes.next()
  try {
    let at = await startOf(core, name, options.after)
    while (true) {
      const rows = await store.read((tx) =>
        tx.page<{ id: MessageId }>('arrivals', { scope: 'all', after: at, limit: PAGE }),
      )
      for (const { position, value } of rows) {
        options.signal?.throwIfAborted()
        const record = await store.read((tx) => tx.get<MessageRecord>('messages', value.id))
        if (record !== undefined && wanted(record, options)) {
          yield toMessage(record)
          if (!options.manual) await ackCursor(core, `${position}` as Cursor, name)
        }
        at = position as number
      }
      if (rows.length > 0) continue
      if (options.once || (await changed).done) return
      changed = changes.next()
    }
  } finally {
    changed.catch(() => undefined)
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
    if (position > known) tx.put('streams', { key: name, value: position })
  })
}
