import { equalBytes } from '../../util/bytes.ts'
import type { Receipt } from '../wire/methods.ts'
import { nextHead } from './entry.ts'
import { isEquivocation } from './receipt.ts'

/**
 * What two receipts of one relay cannot both say: two entries for one place; a place that does not follow from the one
 * before it; a time before that of an earlier place.
 */
export type Contradiction = 'two-entries' | 'two-histories' | 'time-backwards'

/** How two verified receipts of one relay contradict each other, if they do (topic.md). */
export const contradictionOf = (a: Receipt, b: Receipt): Contradiction | undefined => {
  if (!equalBytes(a.topic, b.topic)) return undefined
  if (isEquivocation(a, b)) return 'two-entries'
  if (a.seq === b.seq) return undefined
  const [first, second] = a.seq < b.seq ? [a, b] : [b, a]
  if (first.seq + 1 === second.seq && !equalBytes(second.previous, nextHead(first))) return 'two-histories'
  return second.time < first.time ? 'time-backwards' : undefined
}
