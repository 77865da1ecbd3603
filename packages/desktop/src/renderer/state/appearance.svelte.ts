const KEY = 'dchat.theme'
const LAYOUT = 'dchat.layout'

/** What can be chosen; `system` follows the machine, its wish for more contrast included. */
export const THEMES = ['system', 'light', 'dark', 'contrast'] as const

export type Theme = (typeof THEMES)[number]

/** Messages as bubbles, own ones on the other side; or all on one side, under names, as on a page. */
export const LAYOUTS = ['bubbles', 'flat'] as const

export type Layout = (typeof LAYOUTS)[number]

const remembered = (): Theme => {
  const kept = localStorage.getItem(KEY)
  return THEMES.find((theme) => theme === kept) ?? 'system'
}

/** How the window looks. It is this machine's matter, and the same for all identities. */
export class Appearance {
  #theme = $state<Theme>(remembered())
  #layout = $state<Layout>(LAYOUTS.find((layout) => layout === localStorage.getItem(LAYOUT)) ?? 'bubbles')
  readonly #page: HTMLElement
  readonly #moreContrast: MediaQueryList

  /** Looks right from here on; call it before the first paint. */
  constructor(page: HTMLElement) {
    this.#page = page
    this.#moreContrast = matchMedia('(prefers-contrast: more)')
    this.#moreContrast.addEventListener('change', () => this.#apply())
    this.#apply()
  }

  get theme(): Theme {
    return this.#theme
  }

  set theme(theme: Theme) {
    this.#theme = theme
    localStorage.setItem(KEY, theme)
    this.#apply()
  }

  get layout(): Layout {
    return this.#layout
  }

  set layout(layout: Layout) {
    this.#layout = layout
    localStorage.setItem(LAYOUT, layout)
  }

  #apply(): void {
    if (this.#theme !== 'system') this.#page.dataset.theme = this.#theme
    else if (this.#moreContrast.matches) this.#page.dataset.theme = 'contrast'
    else delete this.#page.dataset.theme
  }
}
