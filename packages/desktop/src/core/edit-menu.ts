/** What a right click met, as Electron tells it. */
export interface Clicked {
  readonly isEditable: boolean
  readonly selectionText: string
  readonly misspelledWord: string
  readonly dictionarySuggestions: readonly string[]
}

export type MenuEntry =
  | { readonly type: 'separator' }
  | { readonly role: 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'selectAll' }
  | { readonly label: string; readonly click: () => void }

const SEPARATOR: MenuEntry = { type: 'separator' }

/** The menu of a text under a right click; nothing for everything else, which has menus of the page's own. */
export const editMenu = (clicked: Clicked, replace: (word: string) => void): readonly MenuEntry[] => {
  if (!clicked.isEditable) return clicked.selectionText.trim() === '' ? [] : [{ role: 'copy' }]
  const words: MenuEntry[] = clicked.dictionarySuggestions
    .slice(0, 5)
    .map((word) => ({ label: word, click: () => replace(word) }))
  const spelling = clicked.misspelledWord === '' || words.length === 0 ? [] : [...words, SEPARATOR]
  return [
    ...spelling,
    { role: 'undo' },
    { role: 'redo' },
    SEPARATOR,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ]
}
