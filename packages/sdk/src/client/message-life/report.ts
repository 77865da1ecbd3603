import { reachedAll, receiversOf, withReport } from '../../domain/messages/receipts.ts'
import { advance } from '../../domain/messages/state.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import type { MessageRecord } from '../records.ts'

/**
 * An own message after somebody's report; undefined where it says nothing new. In a direct message the other person's
 * word is the state; in a group it is known of each, and the state is that of the last of them (messages.md).
 */
export const reported = (
  message: MessageRecord,
  from: Address,
  status: 'delivered' | 'read',
  { people }: Pick<Snapshot, 'people'>,
): MessageRecord | undefined => {
  if (message.receipts === undefined) {
    const state = advance(message.state, status)
    return state === message.state ? undefined : { ...message, state }
  }
  const receivers = receiversOf(message.receipts, people, message.from)
  const receipts = receivers.includes(from) ? withReport(message.receipts, from, status) : message.receipts
  if (receipts === message.receipts) return undefined
  const all = reachedAll(receipts, receivers)
  return { ...message, receipts, state: all === undefined ? message.state : advance(message.state, all) }
}
