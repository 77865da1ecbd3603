import type { Settings } from '@dchat/sdk'
import { onDestroy } from 'svelte'
import { follow } from '../../lib/follow.ts'
import type { Session } from '../../state/session.svelte.ts'

/** What the person chose for all devices, as long as the component that made it is there. */
export class Chosen {
  readonly #session: Session
  now = $state.raw<Settings | undefined>(undefined)

  constructor(session: Session) {
    this.#session = session
    const over = new AbortController()
    onDestroy(() => over.abort())
    void follow(
      (signal) => session.client.settings.stream({ signal }),
      over.signal,
      (settings) => {
        this.now = settings
      },
      (error) => session.troubles.report(error),
    )
  }

  async set(changes: Partial<Settings>): Promise<void> {
    this.now = await this.#session.client.settings.set(changes)
  }
}
