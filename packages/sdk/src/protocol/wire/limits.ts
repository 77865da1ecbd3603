import { FRAME_LIMIT } from './frames.ts'

/**
 * Every bound of the wire in one place. Sizes in bytes, unless said otherwise. A relay may be stricter by policy
 * (`relay/quota`); nobody accepts more.
 */

/** The largest wrapped body of an entry: fifteen times 64 KiB (`protocol/topic/padding`). */
export const BODY_LIMIT = FRAME_LIMIT - 64 * 1024
/** Entries of one `topic.publish`. */
export const PUBLISH_LIMIT = 64
/** Blobs that travel with one commit. */
export const ATTACH_LIMIT = 32
/** One such blob. */
export const BLOB_LIMIT = BODY_LIMIT
export const COMMIT_FRAME_LIMIT = 4 * 1024
/** Entries of one `topic.read`. */
export const READ_LIMIT = 256

/** Entries under one receipt signature: one group commit of a relay. */
export const BATCH_LIMIT = 65_536
/** log2 of the batch limit. */
export const PATH_LIMIT = 16
export const RECEIPT_LIMIT = 2 * 1024

/** People whom an archived room names. */
export const ARCHIVED_PEOPLE = 32
export const LOG_ENTRIES_LIMIT = 1_024
export const LOG_ENTRY_LIMIT = 8 * 1024
/** Branches of one identity that a relay serves. */
export const LOG_BRANCHES_LIMIT = 8
export const KEY_PACKAGE_LIMIT = 16 * 1024
/** One-time packages of one `keys.publish`. */
export const KEY_PACKAGES_LIMIT = 100
/** Packages of one `keys.claim`: one for each device. */
export const CLAIM_LIMIT = 64
/** The state of a large group, which a member sends to one who rejoins, is the largest item. */
export const INBOX_BODY_LIMIT = BODY_LIMIT
/** One slot of an archive. */
export const ARCHIVE_BODY_LIMIT = 256 * 1024
export const ARCHIVE_PAGE_LIMIT = 256
export const SIGNAL_LIMIT = 16 * 1024
/** One item of a topic's successor list. */
export const SUCCESSOR_BYTES = 256 * 1024
/** Items of one topic's successor list. */
export const SUCCESSOR_LIMIT = 64
/** Items of one `successor.list`. */
export const SUCCESSOR_PAGE_LIMIT = 16

/** One message at a rendezvous. */
export const RENDEZVOUS_BODY_LIMIT = 64 * 1024
/** Messages of one side of a rendezvous. */
export const RENDEZVOUS_MESSAGES = 32
/** ms that a slot lives from its first message. */
export const RENDEZVOUS_LIFETIME = 10 * 60 * 1000
/** ms that one `rendezvous.get` waits at most. */
export const RENDEZVOUS_WAIT_LIMIT = 30_000

/** Characters. */
export const ADDRESS_LIMIT = 128
export const NAME_LIMIT = 128
export const CODE_LIMIT = 64
export const REASON_LIMIT = 512
export const AGENT_LIMIT = 128

/** Items in flight in one subscription; also the most credit that one frame may give. */
export const WINDOW_LIMIT = 4_096
/** Request and subscription ids: 1 to this. 0 stands for the connection itself. */
export const ID_LIMIT = 0xffff_ffff
/** ms. */
export const HEARTBEAT_MIN = 100
export const HEARTBEAT_MAX = 10 * 60 * 1000
export const RETRY_AFTER_LIMIT = 24 * 60 * 60 * 1000

/** Bytes of an invitation's secret. */
export const INVITATION_LENGTH = 16
