import type { Faults, Where } from './types.ts'

const NO_FAULTS: Faults = { delay: [5, 40], reordering: 0, loss: 0, duplication: 0 }

/** Whether a place lies in another: what is absent in `where` takes in everything. */
export const covers = (where: Where, place: Where): boolean =>
  (where.device === undefined || where.device === place.device) &&
  (where.relay === undefined || where.relay === place.relay)

/** The faults between each device and relay, and who is cut off from whom. */
export class FaultTable {
  readonly #changes: { readonly where: Where; readonly change: Partial<Faults> }[] = []
  readonly #partitions: Where[] = []
  readonly #resolved = new Map<string, Faults>()

  change(where: Where, change: Partial<Faults>): void {
    this.#changes.push({ where, change })
    this.#resolved.clear()
  }

  /** Later changes go before earlier ones. */
  at(device: string, relay: string): Faults {
    const name = `${device}>${relay}`
    const known = this.#resolved.get(name)
    if (known) return known
    const all = this.#changes.filter(({ where }) => covers(where, { device, relay })).map(({ change }) => change)
    const faults: Faults = Object.assign({ ...NO_FAULTS }, ...all)
    this.#resolved.set(name, faults)
    return faults
  }

  partition(where: Where): void {
    this.#partitions.push(where)
  }

  heal(where: Where): void {
    const left = this.#partitions.filter((cut) => !covers(where, cut))
    this.#partitions.splice(0, this.#partitions.length, ...left)
  }

  isCut(device: string, relay: string): boolean {
    return this.#partitions.some((cut) => covers(cut, { device, relay }))
  }
}
