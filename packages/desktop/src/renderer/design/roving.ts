import type { Attachment } from 'svelte/attachments'

const MOVES: Readonly<Record<string, (at: number, last: number) => number>> = {
  next: (at, last) => Math.min(at + 1, last),
  previous: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, last) => last,
}

const direction = (key: string, across: boolean, rightToLeft: boolean): string => {
  if (!across) return { ArrowDown: 'next', ArrowUp: 'previous' }[key] ?? key
  const [forward, back] = rightToLeft ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft']
  return { [forward]: 'next', [back]: 'previous' }[key] ?? key
}

interface RovingOptions {
  /** Left and right instead of up and down. */
  readonly across?: boolean
  /** What takes part, as a selector. */
  readonly of?: string
}

/**
 * One stop for Tab in a list or a toolbar; arrows, Home and End move within. What takes part carries `data-roving`.
 * The stop is what had the focus last, else what is current (`aria-current`), else the first.
 */
export const roving =
  ({ across = false, of = '[data-roving]' }: RovingOptions = {}): Attachment<HTMLElement> =>
  (list) => {
    const all = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(`:is(${of}):not(:disabled)`)]
    let stop: HTMLElement | undefined
    const settle = (): void => {
      const items = all()
      if (stop === undefined || !items.includes(stop))
        stop = items.find((item) => item.ariaCurrent === 'true') ?? items[0]
      for (const item of items) item.tabIndex = item === stop ? 0 : -1
    }
    const focused = (event: FocusEvent): void => {
      const item = (event.target as HTMLElement).closest<HTMLElement>(of)
      if (item === null || item === stop) return
      stop = item
      settle()
    }
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
      const move = MOVES[direction(event.key, across, getComputedStyle(list).direction === 'rtl')]
      const items = all()
      const at = items.indexOf(event.target as HTMLElement)
      if (move === undefined || at === -1) return
      event.preventDefault()
      items[move(at, items.length - 1)]?.focus()
    }
    const changed = new MutationObserver(settle)
    changed.observe(list, { childList: true, subtree: true })
    list.addEventListener('focusin', focused)
    list.addEventListener('keydown', pressed)
    settle()
    return () => {
      changed.disconnect()
      list.removeEventListener('focusin', focused)
      list.removeEventListener('keydown', pressed)
    }
  }

/** The same for a toolbar, of all its buttons. */
export const rovingButtons = (): Attachment<HTMLElement> => roving({ across: true, of: 'button' })
