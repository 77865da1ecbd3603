/** For tests of others: the contract of stores, a relay on loopback, one that lies, and the relay of simulated worlds. */

export { relayStoreConformance } from './testing/conformance.ts'
export type { RelayStoreFactory } from './testing/factory.ts'
export { type HostileRelay, type HostileRelayOptions, hostileRelay } from './testing/hostile/hostile-relay.ts'
export { LIES, type Lie } from './testing/hostile/lies.ts'
export { relayKit } from './testing/relay-kit.ts'
export { type SimulatedRelayOptions, simulatedRelay } from './testing/simulated-relay.ts'
export type { TestRelay, TestRelayOptions } from './testing/start-test-relay.ts'
export { startTestRelay } from './testing/start-test-relay.ts'
