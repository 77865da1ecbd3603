import { type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import type { RoomSession } from './session.ts'

/** Where a conversation may live, in its order: what its snapshot says, or where it is. */
export const hubsIn = ({ record, snapshot }: Pick<RoomSession, 'record' | 'snapshot'>): readonly Hub[] =>
  snapshot.hubs ?? [record.hub]

/** Whether the conversation may go on at another relay than the one where it is. */
export const hasElsewhere = (session: Pick<RoomSession, 'record' | 'snapshot'>): boolean =>
  hubsIn(session).some((hub) => !isSameHub(hub, session.record.hub))
