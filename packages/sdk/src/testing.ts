// For those who write an adapter: what its port promises, as tests for vitest.

// Random schedules in simulated worlds: made, run, checked after every step, and made smaller when they fail.
export { ACTS, type Act, type ActContext } from './testing/hostile/acts.ts'
export { createAttacker } from './testing/hostile/attack.ts'
export type {
  Facts,
  Invariant,
  LogEntry,
  MessageSight,
  OfferSight,
  RoomSight,
  Sight,
  Spot,
  TreeSight,
} from './testing/invariants/sight.ts'
export type { Finding } from './testing/invariants/witness.ts'
export { type PaymentWorld, paymentConformance } from './testing/payment-conformance.ts'
export { type GenerateOptions, generate } from './testing/schedule/generate.ts'
export { failureText } from './testing/schedule/report.ts'
export {
  type Attacker,
  allInvariants,
  type Outcome,
  type RelayKit,
  type RunOptions,
  runSchedule,
} from './testing/schedule/run.ts'
export { type ShrinkOptions, type Shrunk, shrink } from './testing/schedule/shrink.ts'
export {
  type Action,
  type Attack,
  type Deed,
  type Event,
  readable,
  type Schedule,
  type Step,
} from './testing/schedule/step.ts'
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
