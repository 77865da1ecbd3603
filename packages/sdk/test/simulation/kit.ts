import type { MemoryData } from '../../../relay/src/store/memory-data.ts'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import type { RelayKit } from '../../src/testing/schedule/run.ts'

/** The real relay, and how its store is read. */
export const relayKit: RelayKit = {
  factory: simulatedRelay(),
  log: (disk, topic) => {
    const held = (disk as MemoryData).topics.get(topic)
    return [...(held?.entries.values() ?? [])].map(({ epoch, receipt: { seq, kind } }) => ({ seq, epoch, kind }))
  },
}
