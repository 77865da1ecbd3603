/** For tests of others: the contract of stores, and a relay on loopback. */

export { relayStoreConformance } from './testing/conformance.ts'
export type { RelayStoreFactory } from './testing/factory.ts'
export type { TestRelay, TestRelayOptions } from './testing/start-test-relay.ts'
export { startTestRelay } from './testing/start-test-relay.ts'
