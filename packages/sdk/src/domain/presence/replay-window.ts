/** ms by which a signal may be older or newer than the receiver's clock. */
export const REPLAY_WINDOW = 30_000
/** Devices of one room that are remembered at a time. */
const DEVICES_LIMIT = 2_000

/**
 * What of one room's signals was heard already. The signals of a device carry growing times, so the last one says all
 * about those before it: a repetition is never newer. What is out of the window is refused by its time alone and need not
 * be remembered.
 */
export class ReplayWindow {
  readonly #last = new Map<string, number>()

  /** True once for each signal: it is fresh, and newer than everything heard of this device. Times in ms since 1970. */
  admit(device: string, time: number, now: number): boolean {
    if (Math.abs(now - time) > REPLAY_WINDOW) return false
    const last = this.#last.get(device)
    if (last !== undefined && time <= last) return false
    if (last === undefined && this.#last.size >= DEVICES_LIMIT) this.#forget(now)
    if (last === undefined && this.#last.size >= DEVICES_LIMIT) return false
    this.#last.set(device, time)
    return true
  }

  #forget(now: number): void {
    for (const [device, time] of this.#last) if (time < now - REPLAY_WINDOW) this.#last.delete(device)
  }
}

/** The time that a device's next signal carries; `last` is that of the one before in the same topic. */
export const nextSignalTime = (now: number, last: number | undefined): number =>
  // A clock that was put back by more than the window begins anew: the times before are of no use to anybody.
  last === undefined || now > last || last - now > REPLAY_WINDOW ? now : last + 1
