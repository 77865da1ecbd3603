import type { ReadPosition } from '../../domain/personal/merge.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import type { MessageRecord } from '../records.ts'
import { type RegisterRecord, registerKey } from './registers.ts'

type Placed = Pick<MessageRecord, 'at' | 'place'>

/** By the accepted time, which is the same on all devices. */
export const covers = (position: ReadPosition, { at, place }: Placed): boolean =>
  at < position.at || (at === position.at && place <= position.place)

/** What comes now and was read on another own device before; what was read here was here. */
export const readBefore = async (
  tx: StoreReader,
  { self }: Pick<Core, 'self'>,
  id: ConversationId,
): Promise<(message: Placed) => boolean> => {
  const known = await tx.get<RegisterRecord>('personal', registerKey('read', id))
  if (known === undefined || known.register.tag.device === self.device) return () => false
  return (message) => covers(known.register.value as ReadPosition, message)
}
