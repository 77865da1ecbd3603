/**
 * What a relay needs of the protocol, and nothing of the client: frames, methods and their checks, topic arithmetic,
 * receipts and commit frames.
 */

export type { DchatErrorOptions, ErrorCode, ErrorCodes, ErrorInfo } from './errors.ts'
// Errors, bytes, hashes, CBOR.
export { DchatError, ERRORS, isDchatError } from './errors.ts'
export type { Clock } from './ports/clock.ts'
export type { Crypto, Verifier } from './ports/crypto.ts'
export type { Log } from './ports/log.ts'
export type { Random } from './ports/random.ts'
export { deviceIdOf, type Genesis, parseAddress } from './protocol/identity/address.ts'
export type { IdentityLog, LogDevice, Merged } from './protocol/identity/log.ts'
// Identities: logs, addresses, relay URLs.
export {
  activeDevices,
  deviceOf,
  encodedLog,
  forkPoint,
  indexKeys,
  indexOfHead,
  isActive,
  lookupKeys,
  mergeLogs,
  reopenLog,
  verifyLog,
  verifyLogAsync,
} from './protocol/identity/log.ts'
export type {
  EntryBody as LogEntryBody,
  EntryContent as LogEntryContent,
  LogEntry,
  SignerRole,
} from './protocol/identity/log-entry.ts'
export type { VerifyOptions } from './protocol/identity/log-verify.ts'
export type { AttachedReference, CommitFrame, UnsignedCommitFrame } from './protocol/topic/commit-frame.ts'
export {
  approveCommit,
  decodeCommitFrame,
  encodeCommitFrame,
  matchesAttached,
  signCommitFrame,
  verifyApproval,
  verifyCommitFrame,
} from './protocol/topic/commit-frame.ts'
export type { EntryContent, HeadStep } from './protocol/topic/entry.ts'
export {
  attachedHash,
  bodyHash,
  entryHash,
  frameHash,
  matchesReceipt,
  nextHead,
  ZERO_HEAD,
} from './protocol/topic/entry.ts'
// Topics: ids, entries, heads, receipts, commits.
export { TOPIC_NONCE_LENGTH, topicIdFromHex, topicIdOf, topicIdToHex } from './protocol/topic/ids.ts'
export { leafHash, merklePaths, merkleRoot, merkleTree, rootFromPath } from './protocol/topic/merkle.ts'
export { isWrappedLength } from './protocol/topic/padding.ts'
export type { ReceiptVerifier } from './protocol/topic/receipt.ts'
export {
  createReceiptVerifier,
  isEquivocation,
  issueReceipts,
  receiptLeaf,
  rootStatement,
  verifyReceipt,
} from './protocol/topic/receipt.ts'
export { decodeReceipt, encodeReceipt } from './protocol/topic/receipt-codec.ts'
export type { CborLimits, CborValue } from './protocol/wire/cbor.ts'
export { decodeCbor, encodeCbor, hashOf, statement } from './protocol/wire/cbor.ts'
export type { WireError } from './protocol/wire/error-codec.ts'
export { decodeError, encodeError } from './protocol/wire/error-codec.ts'
export { decodeFrame, encodeFrame } from './protocol/wire/frame-codec.ts'
export type { Frame } from './protocol/wire/frames.ts'
// The link: frames, versions, proofs, errors.
export { FRAME_LIMIT, FRAME_TYPES, WIRE_VERSIONS } from './protocol/wire/frames.ts'
export {
  ADDRESS_LIMIT,
  AGENT_LIMIT,
  ARCHIVE_BODY_LIMIT,
  ARCHIVE_PAGE_LIMIT,
  ATTACH_LIMIT,
  BATCH_LIMIT,
  BLOB_LIMIT,
  BODY_LIMIT,
  CLAIM_LIMIT,
  CODE_LIMIT,
  COMMIT_FRAME_LIMIT,
  HEARTBEAT_MAX,
  HEARTBEAT_MIN,
  ID_LIMIT,
  INBOX_BODY_LIMIT,
  INVITATION_LENGTH,
  KEY_PACKAGE_LIMIT,
  KEY_PACKAGES_LIMIT,
  LOG_BRANCHES_LIMIT,
  LOG_ENTRIES_LIMIT,
  LOG_ENTRY_LIMIT,
  NAME_LIMIT,
  PATH_LIMIT,
  PUBLISH_LIMIT,
  READ_LIMIT,
  REASON_LIMIT,
  RECEIPT_LIMIT,
  RENDEZVOUS_BODY_LIMIT,
  RENDEZVOUS_LIFETIME,
  RENDEZVOUS_MESSAGES,
  RENDEZVOUS_WAIT_LIMIT,
  RETRY_AFTER_LIMIT,
  SIGNAL_LIMIT,
  SUCCESSOR_BYTES,
  SUCCESSOR_LIMIT,
  SUCCESSOR_PAGE_LIMIT,
  WINDOW_LIMIT,
} from './protocol/wire/limits.ts'
export {
  isMethod,
  isSubscription,
  parseItem,
  parseParams,
  parseResult,
  parseSubscriptionParams,
} from './protocol/wire/method-codec.ts'
export type {
  AttachedBlob,
  ClaimedPackage,
  Entry,
  EntryKind,
  EntryUpload,
  InboxItem,
  Method,
  Methods,
  Params,
  Receipt,
  RendezvousSide,
  Result,
  Subscription,
  SubscriptionItem,
  SubscriptionParams,
  Subscriptions,
  SuccessorItem,
} from './protocol/wire/methods.ts'
// What is asked and answered.
export { ENTRY_KINDS } from './protocol/wire/methods.ts'
export { CHALLENGE_LENGTH, linkProofBytes, welcomeBytes } from './protocol/wire/proof.ts'
export { formatRelayInvitation, parseRelayInvitation, type RelayInvitation } from './protocol/wire/relay-invitation.ts'
export { parseRelayUrl } from './protocol/wire/relay-url.ts'
export { negotiateVersion } from './protocol/wire/version.ts'
export type { Address, DeviceId, RelayUrl, TopicId } from './records/ids.ts'
// Ports and ids.
export type { Abortable } from './util/abort.ts'
export { compareBytes, concat, equalBytes, fromHex, fromUtf8, toHex, utf8 } from './util/bytes.ts'
export { hkdfSha256, hmacSha256, sha256 } from './util/hash.ts'
