import type { Client } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'

/** ms between two comparisons, as clocks may be put at any time. */
const PAUSE = 10 * 60_000

/** How the clock of the home relay differs from this machine's: messages are ordered and offers expire by the relay's. */
export class RelayClock {
  readonly #client: Client
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  /** ms; negative: the relay is behind. */
  ahead = $state(0)

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    this.#signal = signal
    this.#failed = failed
    const timer = setInterval(() => void this.compare(), PAUSE)
    signal.addEventListener('abort', () => clearInterval(timer), { once: true })
    void this.compare()
    void follow(
      (stop) => client.links.states({ signal: stop }),
      signal,
      ({ state }) => (state.state === 'ready' ? this.compare() : undefined),
      failed,
    )
  }

  /** What is known stays where no relay answers. */
  async compare(): Promise<void> {
    try {
      this.ahead = (await this.#client.links.ahead()) ?? this.ahead
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error)
    }
  }
}
