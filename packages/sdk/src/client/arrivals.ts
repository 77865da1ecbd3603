import type { Arrival } from '../records/arrival.ts'
import type { Cursor, MessageId } from '../records/ids.ts'
import type { Core } from './core.ts'
import { registerActReader } from './message-life/acts.ts'
import { arrivedMessages, follow, type StreamOptions, shownArrival } from './message-stream.ts'
import { toMessage } from './message-view.ts'
import type { ActRecord, QueryActRecord } from './records.ts'

type Row = { readonly id: MessageId } | ActRecord | QueryActRecord

/** Messages and what is done to them, in one order: the numbers of both come from one counter. */
export async function* streamArrivals(core: Core, options: StreamOptions): AsyncGenerator<Arrival> {
  const { name } = options
  if (name !== undefined) await core.store.write((tx) => registerActReader(tx, name))
  yield* follow<Row, Arrival>(core, options, {
    rows: async (tx, after, limit) => {
      const messages = await arrivedMessages(tx, after, limit)
      const acts = await tx.page<ActRecord | QueryActRecord>('arrivals', { scope: 'acts', after, limit })
      const rows = [...messages, ...acts].sort((a, b) => (a.position as number) - (b.position as number))
      // Behind the end of either page something of the other may be missing.
      return rows.slice(0, limit)
    },
    of: async (tx, row, position) => {
      const cursor = `${position}` as Cursor
      if ('query' in row) return { ...row, cursor }
      // What somebody does to an own message is theirs: only messages themselves are left out as own.
      const record = await shownArrival(tx, core, row.id, 'type' in row ? { ...options, own: true } : options)
      if (record === undefined) return undefined
      const arrived = { cursor, message: toMessage(record) }
      if (!('type' in row)) return { type: 'message', ...arrived }
      const { id: _, ...act } = row
      return { ...act, ...arrived }
    },
  })
}
