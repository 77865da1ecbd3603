import { ERRORS, isDchatError } from '@dchat/sdk'
import { hintWords } from '../lib/hint-words.ts'
import type { Disk } from './disk.svelte.ts'

/** Something that went wrong, in words for a person. */
export interface Trouble {
  readonly id: number
  /** What happened, and what is safe. */
  readonly message: string
  /** What to do. */
  readonly hint?: string
  /** For Details, with Copy. */
  readonly code: string
  readonly retryable: boolean
}

/** What went wrong, wherever it did, until it was looked at. */
export class Troubles {
  readonly disk: Disk
  #list = $state.raw<readonly Trouble[]>([])
  #next = 1

  constructor(disk: Disk) {
    this.disk = disk
  }

  get list(): readonly Trouble[] {
    return this.#list
  }

  /** Takes note of what failed; an abort is not a failure. Returns how it is told, if it is told here. */
  report(error: unknown): Trouble | undefined {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    // It stands above the window for as long as it holds.
    if (this.disk.takes(error)) return undefined
    const trouble: Trouble = isDchatError(error)
      ? {
          id: this.#next++,
          message: error.message,
          ...(hintWords(error.hint) === '' ? {} : { hint: hintWords(error.hint) }),
          code: error.code,
          retryable: ERRORS[error.code].retryable,
        }
      : { id: this.#next++, message: 'Something went wrong in the app itself.', code: 'internal', retryable: false }
    this.#list = [...this.#list, trouble]
    return trouble
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((trouble) => trouble.id !== id)
  }
}
