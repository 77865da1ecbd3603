import type { InboxItemContent, InboxKind } from '../protocol/inbox/item.ts'
import type { Address } from '../records/ids.ts'
import type { Core } from './core.ts'
import { takeAnswer } from './invitations.ts'
import { takeAdmitRequest } from './rooms/admit.ts'
import { takeApprovalRequest } from './rooms/approve.ts'
import { takeGoneNote } from './rooms/gone.ts'
import { takeMovedNote } from './rooms/moved-note.ts'
import type { Rooms } from './rooms/rooms.ts'

/** What somebody asks or tells by the inbox, beside ways into conversations. */
export const takeItem = (
  core: Core,
  rooms: Rooms,
  from: Address,
  kind: Exclude<InboxKind, 'welcome' | 'state'>,
  { deviceKey, body }: Pick<InboxItemContent, 'deviceKey' | 'body'>,
): Promise<void> => {
  switch (kind) {
    case 'admit':
      return takeAdmitRequest(core, rooms, from, deviceKey, body)
    case 'moved':
      return takeMovedNote(core, rooms, from, deviceKey, body)
    case 'approve':
      return takeApprovalRequest(core, rooms, deviceKey, body)
    case 'answer':
      return takeAnswer(core, from, body)
    case 'gone':
      return takeGoneNote(core, rooms, body)
  }
}
