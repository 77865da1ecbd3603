import type { Client } from '../../../src/client/client.ts'
import type { Opening, SharedParts } from '../../../src/client/shared/seat.ts'
import { createSharedClient } from '../../../src/client/shared/shared-client.ts'
import { type Chance, Origin, type SimTab } from '../../../src/testing/tabs/origin.ts'
import { HandClock } from '../../support/clocks.ts'
import { type ModelClient, ModelStore, openModel } from './model.ts'

export const LOCK = 'dchat/store'

export const seeded = (seed: number): Chance => {
  let state = (seed >>> 0) + 0x9e3779b9
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Lets everything that can happen without the clock happen. */
export const settle = async (turns = 60): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await new Promise((next) => setTimeout(next, 0))
}

/** Tabs of one origin that share a model store. */
export class Stage {
  readonly clock = new HandClock()
  readonly store = new ModelStore()
  readonly origin: Origin
  readonly chance: Chance
  /** Who has opened the store, in their order. */
  readonly opened: { readonly tab: SimTab; readonly opening: Opening; model?: ModelClient }[] = []
  /** What should never be. */
  readonly faults: string[] = []
  readonly hung = new Set<SimTab>()

  constructor(chance: Chance = seeded(1)) {
    this.chance = chance
    this.origin = new Origin(chance)
  }

  tab(): SimTab {
    return this.origin.tab()
  }

  client(tab: SimTab, parts: Partial<SharedParts> = {}): Promise<Client> {
    return createSharedClient({
      name: 'store',
      locks: tab.locks,
      channels: tab.channels,
      surroundings: tab.surroundings,
      clock: this.clock,
      random: { bytes: (length) => Uint8Array.from({ length }, () => Math.floor(this.chance() * 256)) },
      open: (opening) => this.#open(tab, opening),
      ...parts,
    })
  }

  async #open(tab: SimTab, opening: Opening): Promise<Client> {
    const last = this.opened[this.opened.length - 1]
    if (this.origin.holderOf(LOCK) !== tab && !opening.lost.aborted && tab.isAlive && !this.hung.has(tab))
      this.faults.push('the store was opened without the lock')
    const isOver =
      last === undefined ||
      last.model?.isClosed !== false ||
      last.opening.lost.aborted ||
      !last.tab.isAlive ||
      this.hung.has(last.tab)
    if (!isOver) this.faults.push('the store was opened while another tab had it')
    const entry: (typeof this.opened)[number] = { tab, opening }
    this.opened.push(entry)
    entry.model = await openModel(this.store, tab, opening, this.chance)
    return entry.model.client
  }
}
