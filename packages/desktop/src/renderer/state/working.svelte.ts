import { isDchatError } from '@dchat/sdk'
import { untrack } from 'svelte'
import { hintWords } from '../lib/hint-words.ts'

/** One thing at a time that can fail: whether it runs, and what to tell if it failed. */
export class Working {
  busy = $state(false)
  error = $state<string | undefined>(undefined)

  /** Runs it unless one is running; resolves to whether it went well. */
  async run(work: () => Promise<void>): Promise<boolean> {
    // An effect that begins something must not begin it again when it ends.
    if (untrack(() => this.busy)) return false
    this.busy = true
    this.error = undefined
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) this.error = inWords(error)
      return false
    } finally {
      this.busy = false
    }
  }
}

/** What happened and what to do, for a person. */
const inWords = (error: unknown): string => {
  if (!isDchatError(error)) return 'Something went wrong in the app itself. Nothing was kept.'
  const hint = hintWords(error.hint)
  return hint === '' ? error.message : `${error.message} ${hint}`
}
