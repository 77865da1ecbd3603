import type { Client } from '@dchat/sdk'
import type { Faults } from './faults.ts'
import type { Online } from './online.ts'

/** What a method works with: the client of the process that owns the store. */
export interface Engine {
  readonly client: Client
  readonly online: Online
  readonly faults: Faults
  /** Tells the person before the process something that ends no call. */
  readonly note: (text: string) => void
  /** Runs one after the other in the order of the calls, so that lines sent together keep their order. */
  readonly inOrder: <T>(work: () => Promise<T>) => Promise<T>
}

export const createInOrder = (): Engine['inOrder'] => {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => {})
    return mine
  }
}
