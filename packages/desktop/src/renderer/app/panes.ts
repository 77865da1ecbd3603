/** Moves the focus to the next pane that can be seen (F6), or the one before. Panes carry `data-pane`. */
export const movePane = (step: 1 | -1): void => {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.checkVisibility())
  if (panes.length === 0) return
  const focused = document.activeElement?.closest<HTMLElement>('[data-pane]') ?? null
  const at = focused === null ? (step === 1 ? -1 : 0) : panes.indexOf(focused)
  const next = panes[(at + step + panes.length) % panes.length]
  // Where a pane says what is used first in it, that has the focus; else the pane itself, from which Tab goes on.
  const first = next?.querySelector<HTMLElement>('[data-pane-focus]') ?? next
  first?.focus()
}
