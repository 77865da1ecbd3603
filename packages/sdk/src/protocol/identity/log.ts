/** The identity log: what other parts use of it. The rules stand in `log-state.ts`, the fork rule in `log-merge.ts`. */
export { appendEntry, createLog } from './log-build.ts'
export type { EntryBody } from './log-entry.ts'
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
  standingOf,
} from './log-query.ts'
export type { IdentityLog, LogDevice } from './log-state.ts'
export { reopenLog, verifyLog, verifyLogAsync } from './log-verify.ts'
