import type { RelayKit } from '@dchat/sdk/testing'
import type { MemoryData } from '../store/memory.ts'
import { type SimulatedRelayOptions, simulatedRelay } from './simulated-relay.ts'

/** The real relay for schedules of `@dchat/sdk/testing`, and how they read the logs of its store. */
export const relayKit = (options: SimulatedRelayOptions = {}): RelayKit => ({
  factory: simulatedRelay(options),
  log: (disk, topic) => {
    const held = (disk as MemoryData).topics.get(topic)
    return [...(held?.entries.values() ?? [])].map(({ epoch, receipt: { seq, kind } }) => ({ seq, epoch, kind }))
  },
})
