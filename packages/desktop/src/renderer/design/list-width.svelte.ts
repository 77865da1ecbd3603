const KEY = 'dchat.list-width'

/** px */
export const LIST_WIDTH = { least: 260, usual: 320, most: 420 } as const

const within = (width: number): number => Math.round(Math.min(LIST_WIDTH.most, Math.max(LIST_WIDTH.least, width)))

const remembered = (): number => {
  const width = Number(localStorage.getItem(KEY) ?? Number.NaN)
  return Number.isFinite(width) ? within(width) : LIST_WIDTH.usual
}

/** How wide lists are, in all views of this window; remembered on this machine. */
class ListWidth {
  #px = $state(remembered())

  get px(): number {
    return this.#px
  }

  set px(width: number) {
    this.#px = within(width)
    localStorage.setItem(KEY, String(this.#px))
  }
}

export const listWidth = new ListWidth()
