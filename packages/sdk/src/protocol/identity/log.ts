/** The identity log: what other parts use of it. The rules stand in `log-state.ts`, the fork rule in `log-merge.ts`. */
export { appendEntry, createLog, type EntrySigner } from './log-build.ts'
export type { EntryBody, EntryContent, LogEntry, SignerRole } from './log-entry.ts'
export { DEVICE_NAME_LIMIT, LOG_RELAYS_LIMIT, XWING_KEY_LENGTH } from './log-entry.ts'
export { forkPoint, type Merged, mergeLogs } from './log-merge.ts'
export {
  activeDevices,
  deviceOf,
  encodedLog,
  indexKeys,
  indexOfHead,
  isActive,
  isActiveAt,
  isCertified,
  lookupKeys,
  type Standing,
  standingOf,
} from './log-query.ts'
export type { IdentityLog, LogDevice } from './log-state.ts'
export { reopenLog, type VerifyOptions, verifyLog, verifyLogAsync } from './log-verify.ts'
