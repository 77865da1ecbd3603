import { reportsTo } from '../domain/messages/receipts.ts'
import type { StoreReader } from '../domain/store/store.ts'
import type { Settings } from '../records/personal.ts'
import { branch, type Core } from './core.ts'
import { getRegister } from './personal/registers.ts'
import type { ReportRecord } from './records.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'

/** ms within which reports of one room are put together. */
const COALESCE = 2_000
/** jobs/report/<room>: what is to be reported there. */
export const REPORT = 'report/'

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
    for (const { key } of rows) await this.#send(key.slice(REPORT.length))
  }

  async #send(room: string): Promise<void> {
    await (await import('./later.ts')).sendReport(this.#core, this.#rooms, room)
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
}
