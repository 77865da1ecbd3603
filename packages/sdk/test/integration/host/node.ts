import { memoryStorage, nodeCrypto, nodeTransport } from '../../../src/node.ts'
import type { Host } from './host.ts'
import { rewindableRelay, testRelay } from './relays.ts'

export const host: Host = {
  relay: testRelay,
  rewindableRelay,
  crypto: nodeCrypto,
  transport: (crypto = nodeCrypto()) => nodeTransport({ crypto }),
  storage: async () => memoryStorage(),
  place: async () => ({ storage: memoryStorage(), storeKey: nodeCrypto().random(32) }),
}
