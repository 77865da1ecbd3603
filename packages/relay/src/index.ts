/** A relay for dchat: it stores and orders what it cannot read. */

export type { InvitationOptions, Invitations, InvitationView } from './invitations.ts'
export type { Certificate } from './link/certificate.ts'
export type { MetricsReaders } from './link/server.ts'
export type { LogLevel } from './log.ts'
export { LOG_LEVELS, pinoLog } from './log.ts'
export type { Removal } from './policy/access.ts'
export type { AdmissionPolicy } from './policy/admission.ts'
export type { InvitationState } from './policy/invitations.ts'
export type { Limits, Rate } from './policy/limits.ts'
// What it allows.
export { DEFAULT_LIMITS } from './policy/limits.ts'
export type { Retention } from './policy/retention.ts'
export { DEFAULT_RETENTION } from './policy/retention.ts'
export type { Relay, RelayOptions } from './relay.ts'
// Start here.
export { createRelay } from './relay.ts'
// Where it keeps things.
export { memoryStore } from './store/memory.ts'
export type { SqliteOptions } from './store/sqlite.ts'
export { sqliteStore } from './store/sqlite.ts'
export type {
  IdentityRecord,
  NewInvitation,
  Outcome,
  PageLimits,
  SchemaStep,
  Store,
  StoredInvitation,
  StoreUsage,
  SweepTimes,
  TopicAppend,
  TopicState,
  Write,
  WriteResult,
  Writes,
  WriteType,
} from './store/store.ts'
