// For those who write an adapter: what its port promises, as tests for vitest.

// A world in one process: real clients, simulated time, links and disks.
export { createSim } from './testing/sim/create-sim.ts'
export { seededRandom } from './testing/sim/random.ts'
export type { ServerSocket, SimRelayFactory, SimRelayHost, SimRelayProcess } from './testing/sim/relay-host.ts'
export type {
  CrashOptions,
  DeviceOptions,
  Faults,
  PersonOptions,
  SettleOptions,
  Sim,
  SimDevice,
  SimFrame,
  SimNetwork,
  SimOptions,
  SimPerson,
  SimRandom,
  SimRelay,
  SimTrace,
  Span,
  Where,
} from './testing/sim/types.ts'
export { type StorageWorld, storageConformance } from './testing/storage-conformance.ts'
export { type TransportWorld, transportConformance } from './testing/transport-conformance.ts'
