import type { Abortable } from '@dchat/sdk'
import type { Endpoint } from './endpoint.ts'
import type { Lanes } from './lanes.ts'

/** The endpoints at work. */
export interface Attended {
  /** Begins with those that are new, and ends those that are not among them any more. */
  set(endpoints: readonly Endpoint[]): void
  names(): readonly string[]
  wake(): void
  /** Resolves when nothing is in flight at any of them; rejects with the first error. To be asked after the end. */
  done(): Promise<void>
}

interface One {
  readonly lanes: Lanes
  readonly over: AbortController
}

/** `begin` works for an endpoint until its signal is aborted; `failed` is told at once where it cannot. */
export const createAttended = (
  begin: (endpoint: Endpoint, options: Required<Abortable>) => Lanes,
  failed: (error: unknown) => void,
): Attended => {
  const working = new Map<string, One>()
  /** What ends has its events in flight still: nobody else takes them meanwhile. */
  const ending = new Map<string, Lanes>()
  const all: Promise<void>[] = []

  const start = (endpoint: Endpoint): void => {
    const over = new AbortController()
    const lanes = begin(endpoint, { signal: over.signal })
    working.set(endpoint.name, { lanes, over })
    lanes.done.catch(failed)
    all.push(lanes.done)
  }
  const end = (name: string, { lanes, over }: One): void => {
    over.abort()
    working.delete(name)
    ending.set(name, lanes)
    const ended = () => ending.delete(name)
    lanes.done.then(ended, ended)
  }
  return {
    set: (endpoints) => {
      const names = new Set(endpoints.map(({ name }) => name))
      for (const [name, one] of working) if (!names.has(name)) end(name, one)
      for (const endpoint of endpoints) if (!working.has(endpoint.name) && !ending.has(endpoint.name)) start(endpoint)
    },
    names: () => [...working.keys()],
    wake: () => {
      for (const { lanes } of working.values()) lanes.wake()
    },
    done: async () => {
      const results = await Promise.allSettled(all)
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  }
}
