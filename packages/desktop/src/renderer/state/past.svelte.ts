import type { Client, DeviceId, HistoryProgress } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'

/** What this device gives another one of the same person. */
export interface Given {
  readonly messages: number
  readonly total: number
  readonly done: boolean
}

/** Messages from before: how far this device has got with what it takes, and with what it gives. */
export class Past {
  #taken = $state.raw<HistoryProgress | undefined>(undefined)
  #given = $state.raw<ReadonlyMap<DeviceId, Given>>(new Map())

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    void follow(
      (stop) => client.history.stream({ signal: stop }),
      signal,
      (progress) => {
        this.#taken = progress
      },
      failed,
    )
    void follow(
      (stop) => client.events({ signal: stop }),
      signal,
      (event) => {
        if (event.type !== 'history-given') return
        const { device, messages, total, done } = event
        this.#given = new Map([...this.#given, [device, { messages, total, done }]])
      },
      failed,
    )
  }

  /** undefined until it is read. */
  get taken(): HistoryProgress | undefined {
    return this.#taken
  }

  /** Since this window is open. */
  given(device: DeviceId): Given | undefined {
    return this.#given.get(device)
  }
}
