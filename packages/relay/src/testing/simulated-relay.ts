import type { SimRelayFactory, SimRelayHost } from '@dchat/sdk/testing'
import { composeRelay, type RelaySettings } from '../compose.ts'
import { relayCrypto } from '../platform.ts'
import { type MemoryData, memoryData, memoryStore } from '../store/memory.ts'
import type { Store } from '../store/store.ts'

/** A relay's settings without what the simulation brings. */
export type SimulatedRelayOptions = Omit<RelaySettings, 'clock' | 'crypto' | 'log'>

/**
 * The real relay for the simulated world of `@dchat/sdk/testing`: its connections, committer, handlers and policy, over
 * simulated sockets, time and disk. What `disk` of the simulated relay holds is the `MemoryData` of its store.
 */
export const simulatedRelay =
  (options: SimulatedRelayOptions = {}): SimRelayFactory =>
  async (host) => {
    const data = host.disk(memoryData)
    // A killed run has not closed its store, as a killed process does not.
    data.open = false
    const { random, clock } = host
    const store = slowStore(data, host)
    const core = await composeRelay(
      store,
      { returnSpread: 500, ...options, clock, crypto: { ...relayCrypto(), random } },
      { next: host.turn, gathering: host.turn },
    )
    core.start()
    return {
      accept: (socket, address) => {
        try {
          core.links.admit(address)
        } catch {
          return false
        }
        core.links.add(socket, address)
        return true
      },
      close: () => core.end(),
    }
  }

/** The memory store, with writes that take their time and are durable or not when the relay is killed. */
const slowStore = (data: MemoryData, host: SimRelayHost): Store => {
  const store = memoryStore(data)
  return {
    ...store,
    secret: (name, make) => host.write(() => store.secret(name, make)),
    commit: (writes) => host.write(() => store.commit(writes)),
    sweep: (times, limit) => host.write(() => store.sweep(times, limit)),
  }
}
