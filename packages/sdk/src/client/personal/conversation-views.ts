import type { StoreReader } from '../../domain/store/store.ts'
import type { Conversation } from '../../records/conversation.ts'
import { conversationView, type ViewKind, type ViewRegisters } from '../conversation-view.ts'
import type { ConversationRecord } from '../records.ts'
import { listRegisters, type RegisterValues } from './registers.ts'

const KINDS: readonly ViewKind[] = ['draft', 'pin', 'archived', 'notify', 'nickname']
/** From so many conversations on it is cheaper to read all registers of a kind than to ask for each. */
const MANY = 200

/** Many conversations at once, in the same order. */
export const conversationViews = async (
  tx: StoreReader,
  records: readonly ConversationRecord[],
): Promise<readonly Conversation[]> => {
  const registers = records.length < MANY ? undefined : await allRegistersIn(tx)
  return Promise.all(records.map((record) => conversationView(tx, record, registers)))
}

const allRegistersIn = async (tx: StoreReader): Promise<ViewRegisters> => {
  const known = new Map<ViewKind, ReadonlyMap<string, unknown>>()
  for (const kind of KINDS) {
    const rows = await listRegisters(tx, kind)
    known.set(kind, new Map(rows.map(({ subject, value }) => [subject, value])))
  }
  return async <K extends ViewKind>(kind: K, subject: string) =>
    known.get(kind)?.get(subject) as RegisterValues[K] | undefined
}
