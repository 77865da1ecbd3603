import type { Client, ClientEvent, MessageId, PressAnswer } from '@dchat/sdk'
import { SvelteSet } from 'svelte/reactivity'
import { follow } from '../lib/follow.ts'

/** ms that whoever made the buttons has to answer in; the press itself goes out however long that takes. */
const ANSWER_TIME = 10_000

const keyOf = (id: MessageId, callback: string): string => `${id}/${callback}`

/** Buttons of messages that this person presses, and what is answered. */
export class Presses {
  readonly #client: Client
  readonly #signal: AbortSignal
  readonly #failed: (error: unknown) => void
  readonly #waiting = new Map<MessageId, (answer: PressAnswer | undefined) => void>()
  readonly #busy = new SvelteSet<string>()

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    this.#signal = signal
    this.#failed = failed
    void follow(
      (stop) => client.events({ signal: stop }),
      signal,
      (event) => this.#heard(event),
      failed,
    )
  }

  /** Whether the button was pressed and nobody has answered yet. */
  isWaiting(id: MessageId, callback: string): boolean {
    return this.#busy.has(keyOf(id, callback))
  }

  /** Resolves with the answer, or with undefined where none came in time. */
  async press(id: MessageId, callback: string): Promise<PressAnswer | undefined> {
    const key = keyOf(id, callback)
    if (this.#busy.has(key)) return undefined
    this.#busy.add(key)
    try {
      const { id: press } = await this.#client.messages.press(id, callback, { signal: this.#signal })
      return await this.#answer(press)
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error)
      return undefined
    } finally {
      this.#busy.delete(key)
    }
  }

  #answer(press: MessageId): Promise<PressAnswer | undefined> {
    return new Promise((resolve) => {
      const end = (answer: PressAnswer | undefined): void => {
        clearTimeout(timer)
        this.#waiting.delete(press)
        resolve(answer)
      }
      const timer = setTimeout(end, ANSWER_TIME)
      this.#waiting.set(press, end)
    })
  }

  #heard(event: ClientEvent): void {
    if (event.type === 'press-answered') this.#waiting.get(event.press)?.({ text: event.text, alert: event.alert })
  }
}
