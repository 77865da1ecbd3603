import type { Address, DeviceId } from '../../records/ids.ts'

/** Our own suite names (groups.md); numbers of drafts move, these do not. */
export const SUITES = ['dm-xwing-aes256', 'group-x25519-aes128'] as const
export type Suite = (typeof SUITES)[number]

/** The MLS `basic` credential's content (identity.md). */
export interface LeafIdentity {
  readonly address: Address
  /** Ed25519 public key of the device = the MLS leaf's signature key. */
  readonly deviceKey: Uint8Array
  /** Hash of the add-device entry of the identity log. */
  readonly certificate: Uint8Array
}

export interface Member extends LeafIdentity {
  readonly leaf: number
  readonly device: DeviceId
}

export interface KeyPackagePair {
  /** Encoded KeyPackage, as published. */
  readonly publicPackage: Uint8Array
  /** Encoded private half; a secret. */
  readonly privatePackage: Uint8Array
  /** RFC 9420 5.2 KeyPackageRef: the key under which the private half is found again. */
  readonly reference: Uint8Array
}

/** What a key package says, after its signature was checked. */
export interface KeyPackageInfo {
  readonly suite: Suite
  readonly identity: LeafIdentity
  /** Seconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly lastResort: boolean
  readonly reference: Uint8Array
  /** Head of the owner's identity log when it was made: the adder's copy of the log must contain it. */
  readonly logHead?: Uint8Array
}

/** An immutable MLS group state. Keeping an old one is a valid rollback. */
export interface Group {
  readonly suite: Suite
  readonly id: Uint8Array
  readonly epoch: number
  readonly ownLeaf: number
  readonly members: readonly Member[]
  /** RFC 9420 8.7: equal at all members of an epoch. */
  readonly authenticator: Uint8Array
  /** False after this device was removed: the state is read-only. */
  readonly active: boolean
}

/** A change that one commit makes. Add and remove never stand together (groups.md); `update` is an empty commit with a path. */
export type Change =
  | { readonly kind: 'add'; readonly keyPackages: readonly Uint8Array[] }
  | { readonly kind: 'remove'; readonly leaves: readonly number[] }
  | { readonly kind: 'update' }

/** The public content of a commit, read before anything is decrypted. */
export interface CommitView {
  readonly kind: 'add' | 'remove' | 'update' | 'external'
  readonly epoch: number
  /** The committer; for an external commit, the new leaf's identity. */
  readonly committer: LeafIdentity & { readonly leaf: number }
  readonly added: readonly LeafIdentity[]
  readonly removed: readonly Member[]
  /** An external commit that replaces this leaf. */
  readonly replaces?: Member
  readonly authenticatedData: Uint8Array
}

/** Void: ignored identically by every honest member. Nothing but public data decided it. */
export type Verdict =
  | { readonly verdict: 'valid'; readonly view: CommitView }
  | {
      readonly verdict: 'void'
      readonly reason: string
      /** The member whose signature the commit bears, if it bears one that verifies. */
      readonly author?: Member
    }

/** The permission table at the parent epoch. It may first learn the identity logs that the commit carries. Called after all of groups.md's structural rules hold. */
export type Permits = (view: CommitView, members: readonly Member[]) => true | string | Promise<true | string>

export interface PendingCommit {
  /** Encoded MLSMessage (PublicMessage). */
  readonly commit: Uint8Array
  /** The state after the commit: to be used only once its receipt is in hand. */
  readonly next: Group
  /** Encoded Welcome without tree, for added members. */
  readonly welcome?: Uint8Array
}

export interface GroupPublic {
  /** Encoded GroupInfo with external_pub, without tree. */
  readonly groupInfo: Uint8Array
  readonly tree: Uint8Array
  /** Encoded GroupContext and the external public key: what a commit frame's HMAC covers. */
  readonly groupContext: Uint8Array
  readonly externalPub: Uint8Array
}

export interface Opened {
  readonly plaintext: Uint8Array
  readonly authenticatedData: Uint8Array
  /** The leaf whose signature verified, in the tree of the message's epoch (second repair). */
  readonly sender: Member
  readonly epoch: number
  readonly next: Group
}

/**
 * MLS behind an interface that is narrow enough to be replaced. All bytes in and out are RFC 9420
 * encodings. Errors: `protocol/malformed` for what does not decode, `conversation/void` for what the rules refuse,
 * `crypto/cannot-decrypt` for what fails at path decryption, confirmation or AEAD.
 */
export interface GroupEngine {
  /** `lifetime` in seconds since 1970, given by the caller: the engine reads no clock. */
  createKeyPackage(
    suite: Suite,
    identity: LeafIdentity,
    deviceSeed: Uint8Array,
    options: { notBefore: number; notAfter: number; lastResort?: boolean; logHead?: Uint8Array },
  ): Promise<KeyPackagePair>
  /** Decodes and verifies the signatures. */
  readKeyPackage(publicPackage: Uint8Array): Promise<KeyPackageInfo>
  /** Epoch 0 with this device alone; the pair is consumed. */
  create(id: Uint8Array, own: KeyPackagePair): Promise<Group>
  /** Verifies tree, signatures, path keys; refuses a Welcome that is not for this pair. */
  join(welcome: Uint8Array, tree: Uint8Array, own: KeyPackagePair): Promise<Group>
  commit(group: Group, change: Change, authenticatedData: Uint8Array): Promise<PendingCommit>
  /** Filter and judgement of groups.md on a commit of the group's current epoch. Never throws for content. */
  judge(group: Group, commit: Uint8Array, permits: Permits): Promise<Verdict>
  /** Applies a commit that was judged valid; the tentative tree must agree with the judgement. */
  apply(group: Group, commit: Uint8Array, verdict: Verdict): Promise<Group>
  encrypt(
    group: Group,
    plaintext: Uint8Array,
    authenticatedData: Uint8Array,
  ): Promise<{ message: Uint8Array; next: Group }>
  /** Only PrivateMessages with application content pass. */
  decrypt(group: Group, message: Uint8Array): Promise<Opened>
  publicState(group: Group): Promise<GroupPublic>
  /** What a GroupInfo that somebody handed over says, in the words of `publicState`; its signature is not checked here. */
  readGroupInfo(groupInfo: Uint8Array): Pick<GroupPublic, 'groupContext' | 'externalPub'> & { readonly epoch: number }
  /** Replaces the same device's leaf. Wire: PublicMessage. */
  externalCommit(
    shared: { groupInfo: Uint8Array; tree: Uint8Array },
    own: KeyPackagePair,
    authenticatedData: Uint8Array,
  ): Promise<PendingCommit>
  /** RFC 9420 8.5 exporter with an empty context. */
  exportSecret(group: Group, label: string, length: number): Promise<Uint8Array>
  /**
   * The state after an own commit carries the ratchets of the epoch that it ended as they stood when the commit was
   * made. Before it replaces `parent`, the latest state of that epoch, `rebase` takes over what was opened meanwhile.
   */
  rebase(next: Group, parent: Group): Group
  /**
   * Zeroes the secrets that the operation which made `group` consumed; for a commit, call it after the receipt.
   * The state before that operation cannot go on afterwards.
   */
  forget(group: Group): void
  /** The tree changes once per epoch, the rest with every message: they are stored apart. Both hold secrets or shape. */
  encode(group: Group): { tree: Uint8Array; state: Uint8Array }
  decode(encoded: { tree: Uint8Array; state: Uint8Array }, suite: Suite): Promise<Group>
  /** True if the stored `tree` of one is that of the other. Equal epoch numbers do not tell: a void commit's epoch has the number of the valid one's. */
  haveSameTrees(a: Group, b: Group): boolean
}
