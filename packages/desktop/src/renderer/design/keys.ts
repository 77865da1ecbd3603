const APPLE: Readonly<Record<string, string>> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↩', Del: '⌫' }

const apple = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent)

/** The keys of a shortcut such as "Ctrl+Shift+F", each as it is printed on this machine's keyboard. */
export const keyNames = (keys: string): readonly string[] =>
  keys.split('+').map((key) => (apple() ? (APPLE[key] ?? key) : key))
