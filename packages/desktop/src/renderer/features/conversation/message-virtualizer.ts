import { createVirtualizer, type VirtualizerOptions } from '@tanstack/svelte-virtual'
import type { Row } from '../../lib/message-rows.ts'

type Options = VirtualizerOptions<HTMLDivElement, HTMLDivElement>

interface Given {
  readonly scroller: () => HTMLDivElement | null
  readonly scroll: Options['scrollToFn']
}

/** Places rows in a list whose end is its home: what comes above or below moves nothing of what is looked at. */
export const createMessageVirtualizer = ({ scroller, scroll }: Given) =>
  createVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: 0,
    getScrollElement: scroller,
    estimateSize: () => 48,
    scrollToFn: scroll,
    overscan: 4,
    paddingStart: 8,
    paddingEnd: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 48,
  })

const estimates = new WeakMap<Row, number>()

/** px of a row before it was drawn: near enough that the bar does not jump much. */
export const estimateRow = (row: Row | undefined): number => {
  if (row === undefined || row.kind !== 'message') return 32
  const known = estimates.get(row)
  if (known !== undefined) return known
  const { content } = row.message
  const words = content.type === 'text' ? content.text : content.type === 'markdown' ? content.markdown : ''
  const lines = Math.ceil(words.length / 64) + words.split('\n').length - 1
  const estimate = 18 + 22 * Math.max(1, lines) + (row.opens ? 8 : 0) + (row.closes ? 22 : 0)
  estimates.set(row, estimate)
  return estimate
}
