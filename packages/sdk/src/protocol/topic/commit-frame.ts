import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { equalBytes } from '../../util/bytes.ts'
import { hmacSha256 } from '../../util/hash.ts'
import { type CborValue, decodeCbor, encodeCbor, statement } from '../wire/cbor.ts'
import { ATTACH_LIMIT, COMMIT_FRAME_LIMIT } from '../wire/limits.ts'
import type { AttachedBlob } from '../wire/methods.ts'
import { array, bool, bytes, int, literal, nullable, tuple } from '../wire/schema.ts'
import { attachedHash } from './entry.ts'

const VERSION = 1
/** With a word on the commit key. */
const KEYED = 2

/** The name and hash of a blob that is stored with the commit. */
export interface AttachedReference {
  /** 16 random bytes. */
  readonly id: Uint8Array
  /** `attachedHash` of its body. */
  readonly hash: Uint8Array
}

/** What the relay learns of a commit (topic.md, "Frame of a commit"). */
export interface CommitFrame {
  readonly topic: Uint8Array
  /** The epoch that the commit ends. */
  readonly epoch: number
  /** `bodyHash` of the wrapped commit. */
  readonly commit: Uint8Array
  /** The topic key of the epoch that the commit begins. */
  readonly nextKey: Uint8Array
  /** True if and only if a device leaves. */
  readonly removes: boolean
  readonly attached: readonly AttachedReference[]
  /** `bindOf` under the next epoch's bind key: only members can check it. */
  readonly bind: Uint8Array
  /**
   * The key by which every later commit of the topic has to be approved; null: none any more. Absent: as it was before
   * (topic.md, "Commit key").
   */
  readonly commitKey?: Uint8Array | null
  /** Ed25519 by the topic key of `epoch`. */
  readonly signature: Uint8Array
}

export type UnsignedCommitFrame = Omit<CommitFrame, 'signature'>

const fields = (frame: UnsignedCommitFrame): readonly CborValue[] => [
  frame.commitKey === undefined ? VERSION : KEYED,
  frame.topic,
  frame.epoch,
  frame.commit,
  frame.nextKey,
  frame.removes,
  frame.attached.map(({ id, hash }) => [id, hash]),
  frame.bind,
  ...(frame.commitKey === undefined ? [] : [frame.commitKey]),
]

const signedBytes = (frame: UnsignedCommitFrame) => statement('commit-frame', fields(frame))

const parse = tuple(
  literal(VERSION),
  bytes(32),
  int(),
  bytes(32),
  bytes(32),
  bool,
  array(tuple(bytes(16), bytes(32)), 0, ATTACH_LIMIT),
  bytes(32),
  bytes(64),
)
const parseKey = nullable(bytes(32))
/** Place of the commit key among the fields of a frame that has one. */
const KEY_AT = 8

export const encodeCommitFrame = (frame: CommitFrame): Uint8Array => encodeCbor([...fields(frame), frame.signature])

/** Throws `protocol/malformed` or `protocol/too-large`; the signature is not checked here. */
export const decodeCommitFrame = (encoded: Uint8Array): CommitFrame => {
  const value = decodeCbor(encoded, 'commit frame', { size: COMMIT_FRAME_LIMIT, depth: 4 })
  const keyed = Array.isArray(value) && value[0] === KEYED ? (value as unknown[]) : undefined
  const plain = keyed === undefined ? value : [VERSION, ...keyed.slice(1, KEY_AT), ...keyed.slice(KEY_AT + 1)]
  const [, topic, epoch, commit, nextKey, removes, attached, bind, signature] = parse(plain, 'commit frame')
  return {
    ...(keyed === undefined ? {} : { commitKey: parseKey(keyed[KEY_AT], 'commit frame') }),
    topic,
    epoch,
    commit,
    nextKey,
    removes,
    bind,
    signature,
    attached: attached.map(([id, hash]) => ({ id, hash })),
  }
}

/** Signs with the topic key of the epoch that ends; `topicSeed32` is of `epochKeysOf`. */
export const signCommitFrame = async (
  crypto: Pick<Crypto, 'ed25519'>,
  topicSeed32: Uint8Array,
  frame: UnsignedCommitFrame,
): Promise<CommitFrame> => ({ ...frame, signature: await crypto.ed25519.sign(topicSeed32, signedBytes(frame)) })

/** Rejects with `crypto/bad-signature` unless the frame was signed by `topicKey`. */
export const verifyCommitFrame = async (
  crypto: Pick<Crypto, 'ed25519'>,
  frame: CommitFrame,
  topicKey: Uint8Array,
): Promise<void> => {
  if (!(await crypto.ed25519.verify(topicKey, signedBytes(frame), frame.signature)))
    throw new DchatError('crypto/bad-signature', { what: 'commit frame' })
}

/** What the commit key signs to approve a commit: its frame, which names everything else. `frame` is encoded. */
const approvalBytes = (frame: Uint8Array): Uint8Array => statement('commit-approval', [frame])

/** Approves an encoded frame; `commitSeed` is the secret of the topic's commit key. 64 bytes. */
export const approveCommit = (
  crypto: Pick<Crypto, 'ed25519'>,
  commitSeed: Uint8Array,
  frame: Uint8Array,
): Promise<Uint8Array> => crypto.ed25519.sign(commitSeed, approvalBytes(frame))

/** Rejects with `crypto/bad-signature` unless `commitKey` approved the encoded frame. */
export const verifyApproval = async (
  crypto: Pick<Crypto, 'ed25519'>,
  frame: Uint8Array,
  commitKey: Uint8Array,
  approval: Uint8Array,
): Promise<void> => {
  if (!(await crypto.ed25519.verify(commitKey, approvalBytes(frame), approval)))
    throw new DchatError('crypto/bad-signature', { what: 'approval of a commit' })
}

/** True if the blobs are those that the frame names, in its order. */
export const matchesAttached = (frame: Pick<CommitFrame, 'attached'>, blobs: readonly AttachedBlob[]): boolean =>
  frame.attached.length === blobs.length &&
  frame.attached.every(({ id, hash }, index) => {
    const blob = blobs[index]
    return blob !== undefined && equalBytes(blob.id, id) && equalBytes(attachedHash(blob.body), hash)
  })

/**
 * HMAC by the next epoch's bind key over its encoded GroupContext, its external public key and the hash of the snapshot:
 * members, joiners and rejoiners compare it before they act on what a relay serves.
 */
export const bindOf = (
  nextBindKey: Uint8Array,
  groupContext: Uint8Array,
  externalPub: Uint8Array,
  snapshotHash: Uint8Array,
): Uint8Array => hmacSha256(nextBindKey, statement('bind', [groupContext, externalPub, snapshotHash]))
