import type { StoreWriter } from '../domain/store/store.ts'
import { STATUS_LIMIT } from '../protocol/content/status.ts'
import type { MessageId } from '../records/ids.ts'
import { getConversation, nextCount } from './conversation-store.ts'
import type { Core } from './core.ts'
import { putReport } from './intents.ts'
import type { ReportRecord } from './records.ts'
import { REPORT } from './reports.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'

/** Ids are good in every room of a conversation: where one is over, the report goes through the one that goes on. */
const livingRoom = async (core: Core, rooms: Rooms, room: string): Promise<RoomSession | undefined> => {
  const session = rooms.get(room)
  if (session === undefined || session.isMember) return session
  if (session.record.state !== 'closed') return undefined
  const conversation = await core.store.read((tx) => getConversation(tx, session.record.conversation))
  const other = conversation?.active === undefined ? undefined : rooms.get(conversation.active)
  return other?.isMember ? other : undefined
}

/** Queues what is to be reported in a room, if there is anything. */
export const sendReport = async (core: Core, rooms: Rooms, room: string): Promise<void> => {
  const session = await livingRoom(core, rooms, room)
  if (session === undefined) return
  await core.store.write(async (tx) => {
    const due = await tx.get<ReportRecord>('jobs', `${REPORT}${room}`)
    if (due === undefined) return
    tx.delete('jobs', `${REPORT}${room}`)
    const read = new Set(due.read)
    const items = [
      ...due.delivered.filter((id) => !read.has(id)).map((id) => ({ id, status: 'delivered' as const })),
      ...due.read.map((id) => ({ id, status: 'read' as const })),
    ]
    for (let at = 0; at < items.length; at += STATUS_LIMIT)
      await putReport(tx, core, session.id, items.slice(at, at + STATUS_LIMIT))
  })
  session.outgoing.open()
}

/** Notes what was read, for the room's next report. */
export const noteRead = async (tx: StoreWriter, room: string, ids: readonly MessageId[]): Promise<void> => {
  const key = `${REPORT}${room}`
  const earlier = await tx.get<ReportRecord>('jobs', key)
  const value: ReportRecord = { delivered: earlier?.delivered ?? [], read: [...(earlier?.read ?? []), ...ids] }
  tx.put('jobs', { key, scope: 'reports', position: await nextCount(tx, 'activity'), value })
}
