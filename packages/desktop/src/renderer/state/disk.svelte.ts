import { isDchatError } from '@dchat/sdk'

/** ms between two looks whether there is room again. */
const PAUSE = 5_000

/** Whether the browser still takes what is written. Where it does not, nothing is lost that stands; nothing new is kept. */
export class Disk {
  readonly #hasRoom: () => Promise<boolean>
  #full = $state(false)

  constructor(hasRoom: () => Promise<boolean>) {
    this.#hasRoom = hasRoom
  }

  get isFull(): boolean {
    return this.#full
  }

  /** True if the error tells that there is no room: it holds until there is, and is told once. */
  takes(error: unknown): boolean {
    if (!isDchatError(error, 'storage/full')) return false
    this.noteFull()
    return true
  }

  noteFull(): void {
    if (this.#full) return
    this.#full = true
    setTimeout(() => void this.look(), PAUSE)
  }

  /** Looks now, and from then on until there is room. */
  async look(): Promise<void> {
    if (!this.#full) return
    if (await this.#hasRoom()) this.#full = false
    else setTimeout(() => void this.look(), PAUSE)
  }
}
