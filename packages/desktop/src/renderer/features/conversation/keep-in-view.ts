import type { Attachment } from 'svelte/attachments'

/** px above the message, and from the upper edge of the list. */
const ABOVE = 18
const EDGE = 4

/**
 * What floats above a message stays in the list that is seen, also where the message begins above it. It laps over the
 * message's edge, unless it stands `clear` of what is written there.
 */
export const keepInView =
  (isClear = false): Attachment<HTMLElement> =>
  (floating) => {
    const list = floating.closest('[role="log"]')
    const message = floating.parentElement
    if (list === null || message === null) return
    const place = (): void => {
      const above = isClear ? floating.offsetHeight : ABOVE
      const { top, height } = message.getBoundingClientRect()
      const hidden = list.getBoundingClientRect().top - top
      floating.style.insetBlockStart = `${Math.min(Math.max(-above, hidden + EDGE), height)}px`
    }
    place()
    list.addEventListener('scroll', place, { passive: true })
    return () => list.removeEventListener('scroll', place)
  }
