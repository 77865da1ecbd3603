import { reportsTo } from '../domain/messages/receipts.ts'
import type { StoreReader, StoreWriter } from '../domain/store/store.ts'
import { STATUS_LIMIT } from '../protocol/content/status.ts'
import type { MessageId } from '../records/ids.ts'
import type { Settings } from '../records/personal.ts'
import { getConversation, nextCount } from './conversation-store.ts'
import { branch, type Core } from './core.ts'
import { putReport } from './intents.ts'
import { getRegister } from './personal/registers.ts'
import type { ReportRecord } from './records.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'

/** ms within which reports of one room are put together. */
const COALESCE = 2_000
const PREFIX = 'report/'

/** Does this device report to a room? The settings say so, unless the program does. */
export type WithReports = (tx: StoreReader, session: RoomSession) => Promise<boolean>

const ASKED: Readonly<Record<Settings['reports'], boolean | undefined>> = {
  always: true,
  small: undefined,
  never: false,
}

export const withReportsBy =
  (program: boolean | undefined): WithReports =>
  async (tx, { snapshot }) => {
    const chosen = (await getRegister(tx, 'setting', 'reports')) as Settings['reports'] | undefined
    return reportsTo(snapshot.people.length, program ?? ASKED[chosen ?? 'small'])
  }

/** Delivery and read reports: collected durably, sent as one message per room and few seconds. */
export class Reports {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #planned = new Set<string>()

  constructor(core: Core, rooms: Rooms) {
    this.#core = branch(core)
    this.#rooms = rooms
  }

  /** Sends the room's report in a while. */
  plan(room: string): void {
    if (this.#planned.has(room)) return
    this.#planned.add(room)
    void this.#later(room)
  }

  /** Queues every report that is due, now. */
  async flush(): Promise<void> {
    const rows = await this.#core.store.read((tx) => tx.page<ReportRecord>('jobs', { scope: 'reports', limit: 10_000 }))
    for (const { key } of rows) await this.#send(key.slice(PREFIX.length))
  }

  async #later(room: string): Promise<void> {
    // Where many rooms speak at once as many reports wait, each with a signal of its own.
    const { clock, signal, log } = branch(this.#core)
    try {
      await clock.sleep(COALESCE, { signal })
      this.#planned.delete(room)
      await this.#send(room)
    } catch {
      // Closing: what is stored goes out with the next start.
      if (!signal.aborted) log.warn('report failed')
    }
  }

  /** Ids are good in every room of a conversation: where one is over, the report goes through the one that goes on. */
  async #living(room: string): Promise<RoomSession | undefined> {
    const session = this.#rooms.get(room)
    if (session === undefined || session.isMember) return session
    if (session.record.state !== 'closed') return undefined
    const conversation = await this.#core.store.read((tx) => getConversation(tx, session.record.conversation))
    const other = conversation?.active === undefined ? undefined : this.#rooms.get(conversation.active)
    return other?.isMember ? other : undefined
  }

  async #send(room: string): Promise<void> {
    const session = await this.#living(room)
    if (session === undefined) return
    await this.#core.store.write(async (tx) => {
      const due = await tx.get<ReportRecord>('jobs', `${PREFIX}${room}`)
      if (due === undefined) return
      tx.delete('jobs', `${PREFIX}${room}`)
      const read = new Set(due.read)
      const items = [
        ...due.delivered.filter((id) => !read.has(id)).map((id) => ({ id, status: 'delivered' as const })),
        ...due.read.map((id) => ({ id, status: 'read' as const })),
      ]
      for (let at = 0; at < items.length; at += STATUS_LIMIT)
        await putReport(tx, this.#core, session.id, items.slice(at, at + STATUS_LIMIT))
    })
    session.outgoing.open()
  }
}

/** Notes what was read, for the room's next report. */
export const noteRead = async (tx: StoreWriter, room: string, ids: readonly MessageId[]): Promise<void> => {
  const key = `${PREFIX}${room}`
  const earlier = await tx.get<ReportRecord>('jobs', key)
  const value: ReportRecord = { delivered: earlier?.delivered ?? [], read: [...(earlier?.read ?? []), ...ids] }
  tx.put('jobs', { key, scope: 'reports', position: await nextCount(tx, 'activity'), value })
}
