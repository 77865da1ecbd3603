import type { Address } from '../../records/ids.ts'
import type { MessageState } from '../../records/message.ts'

/** What is known of an own message in a group: whom it is for, who has it, who read it. */
export interface Receipts {
  /** The other people of the conversation at the message's place. */
  readonly people: readonly Address[]
  readonly delivered: readonly Address[]
  readonly read: readonly Address[]
}

/** People up to whom reports are sent without being asked for: n members who report to n members are n² entries. */
export const REPORTS_LIMIT = 50

/** The receipts after a report; the same object where it says nothing new. Who read a message also has it. */
export const withReport = (receipts: Receipts, from: Address, status: 'delivered' | 'read'): Receipts => {
  const { people, delivered, read } = receipts
  if (!people.includes(from)) return receipts
  const had = delivered.includes(from)
  const hadRead = read.includes(from)
  if (had && (status === 'delivered' || hadRead)) return receipts
  return {
    people,
    delivered: had ? delivered : [...delivered, from],
    read: status === 'read' && !hadRead ? [...read, from] : read,
  }
}

/** How far an own message is at everybody for whom it is and who is still `present`; undefined: not yet at all of them. */
export const reachedAll = (
  { people, delivered, read }: Receipts,
  present: (address: Address) => boolean,
): Extract<MessageState, 'delivered' | 'read'> | undefined => {
  const awaited = people.filter(present)
  if (awaited.length === 0) return undefined
  if (awaited.every((address) => read.includes(address))) return 'read'
  return awaited.every((address) => delivered.includes(address)) ? 'delivered' : undefined
}
