import type { Address, ConversationId } from '@dchat/sdk'
import type { Icon } from '../../design/icon.ts'

/** Somewhere to go, or something to do. */
export type Entry =
  | {
      readonly kind: 'conversation'
      readonly id: ConversationId
      readonly title: string
      readonly group: boolean
      readonly unread: number
    }
  | { readonly kind: 'person'; readonly id: Address; readonly title: string }
  | {
      readonly kind: 'action'
      readonly id: string
      readonly title: string
      readonly icon: Icon
      readonly keys?: string
      readonly run: () => void
    }

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase()

/**
 * How well a title fits what was typed, more being better; 0: not at all. Every word must begin a word of the title, and
 * the title's own beginning counts most. Case and accents do not count.
 */
export const fit = (title: string, words: string): number => {
  const asked = plain(words)
    .split(/\s+/)
    .filter((word) => word !== '')
  const whole = plain(title)
  const parts = whole.split(/[^\p{L}\p{N}]+/u)
  if (!asked.every((word) => parts.some((part) => part.startsWith(word)) || whole.startsWith(word))) return 0
  return whole.startsWith(asked[0] ?? '') ? 2 : 1
}

/** What fits, the best first; among equals the order stays, in which the newest conversation stands first. */
export const fitting = (entries: readonly Entry[], words: string): readonly Entry[] =>
  entries
    .map((entry) => ({ entry, fits: fit(entry.title, words) }))
    .filter(({ fits }) => fits > 0)
    .toSorted((a, b) => b.fits - a.fits)
    .map(({ entry }) => entry)
