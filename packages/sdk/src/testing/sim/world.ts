import { Driver } from './driver.ts'
import { seededRandom } from './random.ts'
import { Ratchets } from './ratchets.ts'
import { Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'
import type { SimFrame, SimRandom, Span } from './types.ts'

/** What every part of a simulation shares. */
export class World {
  readonly scheduler: Scheduler
  readonly driver: Driver
  readonly random: SimRandom
  readonly trace: Trace
  readonly disk: Span
  readonly ratchets = new Ratchets()
  readonly onFrame = new Set<(frame: SimFrame) => void>([(frame) => this.ratchets.seen(frame)])
  #touched: number

  constructor(seed: string, start: number, disk: Span) {
    this.scheduler = new Scheduler(start)
    this.driver = new Driver(this.scheduler)
    this.random = seededRandom(`${seed}/world`)
    this.trace = new Trace(() => this.scheduler.now)
    this.disk = disk
    this.#touched = start
  }

  /** When something last happened that was no heartbeat. */
  get touched(): number {
    return this.#touched
  }

  touch(): void {
    this.#touched = this.scheduler.now
  }
}
