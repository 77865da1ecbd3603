import type { Person } from '../../records/group.ts'
import type { Address } from '../../records/ids.ts'
import type { MessageState } from '../../records/message.ts'

/** What is known of an own message in a group: who has it, and who read it. */
export interface Receipts {
  /** The MLS epoch of the message: it is for the people who were in then. */
  readonly epoch: number
  readonly delivered: readonly Address[]
  readonly read: readonly Address[]
}

/** People up to whom reports are sent without being asked for: n members who report to n members are n² entries. */
const REPORTS_LIMIT = 50

/** Does this device report to a conversation of so many people? `asked` is what its user chose, if anything. */
export const reportsTo = (people: number, asked: boolean | undefined): boolean => asked ?? people <= REPORTS_LIMIT

/** For whom an own message is, of those who are still there. */
export const receiversOf = (
  { epoch }: Pick<Receipts, 'epoch'>,
  people: readonly Person[],
  author: Address,
): readonly Address[] =>
  people.filter(({ address, since }) => address !== author && since <= epoch).map(({ address }) => address)

/** The receipts after a report; the same object where it says nothing new. Who read a message also has it. */
export const withReport = (receipts: Receipts, from: Address, status: 'delivered' | 'read'): Receipts => {
  const { epoch, delivered, read } = receipts
  const had = delivered.includes(from)
  const hadRead = read.includes(from)
  if (had && (status === 'delivered' || hadRead)) return receipts
  return {
    epoch,
    delivered: had ? delivered : [...delivered, from],
    read: status === 'read' && !hadRead ? [...read, from] : read,
  }
}

/** How far a message is at all of its receivers; undefined where somebody has not reported, or nobody is left. */
export const reachedAll = (
  { delivered, read }: Receipts,
  receivers: readonly Address[],
): Extract<MessageState, 'delivered' | 'read'> | undefined => {
  if (receivers.length === 0) return undefined
  if (receivers.every((address) => read.includes(address))) return 'read'
  return receivers.every((address) => delivered.includes(address)) ? 'delivered' : undefined
}
