import { toast as sonner } from 'svelte-sonner'

interface Notice {
  /** What to do about it. */
  readonly hint?: string
  /** "Undo", "Show", "Try again". */
  readonly action?: { readonly label: string; readonly run: () => void }
  /** ms; 5000 unless told. `Infinity` stays until it is dismissed. */
  readonly duration?: number
}

type Kind = 'message' | 'success' | 'error'

const show = (kind: Kind, text: string, { hint, action, duration = 5000 }: Notice): void => {
  sonner[kind](text, {
    duration,
    ...(hint === undefined ? {} : { description: hint }),
    ...(action === undefined ? {} : { action: { label: action.label, onClick: action.run } }),
  })
}

/** A short word about something that was done, at the window's lower edge. What must be answered is a Dialog. */
export const toast = (text: string, notice: Notice = {}): void => show('message', text, notice)

/** Something is done that took a while, or that matters. */
export const toastDone = (text: string, notice: Notice = {}): void => show('success', text, notice)

/** Something failed: what happened and what is safe; the hint says what to do. Stays for ten seconds. */
export const toastFailed = (text: string, notice: Notice = {}): void =>
  show('error', text, { duration: 10_000, ...notice })
