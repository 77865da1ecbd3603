/** Shortcuts that the window itself answers. */
export type Command =
  | 'switcher'
  | 'search-here'
  | 'search-everywhere'
  | 'previous'
  | 'next'
  | 'previous-unread'
  | 'next-unread'
  | 'next-pane'
  | 'previous-pane'
  | 'help'

interface Shortcut {
  readonly keys: readonly string[]
  readonly does: string
  readonly command?: Command
}

interface Group {
  readonly where: string
  readonly shortcuts: readonly Shortcut[]
}

/** The whole map, as the dialog behind `?` shows it. Ctrl stands for Cmd on Apple's systems. */
export const KEYBOARD: readonly Group[] = [
  {
    where: 'Anywhere',
    shortcuts: [
      { keys: ['Ctrl+K'], does: 'Go to a person, a conversation or an action', command: 'switcher' },
      { keys: ['Ctrl+F'], does: 'Search here', command: 'search-here' },
      { keys: ['Ctrl+Shift+F'], does: 'Search everywhere', command: 'search-everywhere' },
      { keys: ['Alt+↑'], does: 'Previous conversation', command: 'previous' },
      { keys: ['Alt+↓'], does: 'Next conversation', command: 'next' },
      { keys: ['Alt+Shift+↑'], does: 'Previous unread conversation', command: 'previous-unread' },
      { keys: ['Alt+Shift+↓'], does: 'Next unread conversation', command: 'next-unread' },
      { keys: ['F6'], does: 'Next pane', command: 'next-pane' },
      { keys: ['Shift+F6'], does: 'Previous pane', command: 'previous-pane' },
      { keys: ['Esc'], does: 'Close the top layer, then return to the composer' },
      { keys: ['?'], does: 'This map', command: 'help' },
    ],
  },
  {
    where: 'Writing',
    shortcuts: [
      { keys: ['Enter'], does: 'Send' },
      { keys: ['Shift+Enter'], does: 'New line' },
      { keys: ['↑'], does: 'Edit your last message, while nothing is written' },
      { keys: ['/', '@', ':'], does: 'Commands, people, emoji' },
    ],
  },
  {
    where: 'On a message',
    shortcuts: [
      { keys: ['R'], does: 'Reply' },
      { keys: ['E'], does: 'React' },
      { keys: ['C'], does: 'Copy' },
      { keys: ['Del'], does: 'Delete' },
      { keys: ['Enter'], does: 'Everything else' },
    ],
  },
]

const NAMES: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del' }

interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** A press as the map writes it: "Ctrl+Shift+F". The shift that a sign such as "?" needs is not named. */
const nameOf = ({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string => {
  const sign = key.length === 1 && !/[a-z]/i.test(key)
  return [
    ctrlKey || metaKey ? 'Ctrl' : '',
    altKey ? 'Alt' : '',
    shiftKey && !sign ? 'Shift' : '',
    NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key),
  ]
    .filter((part) => part !== '')
    .join('+')
}

/** The window's command for a press, if it has one. */
export const commandFor = (press: Press): Command | undefined => {
  const name = nameOf(press)
  return KEYBOARD.flatMap(({ shortcuts }) => shortcuts).find(({ keys }) => keys.includes(name))?.command
}
