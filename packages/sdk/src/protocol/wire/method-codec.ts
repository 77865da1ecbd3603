import {
  ADDRESS_LIMIT,
  ARCHIVE_BODY_LIMIT,
  ARCHIVE_PAGE_LIMIT,
  ATTACH_LIMIT,
  BLOB_LIMIT,
  BODY_LIMIT,
  CLAIM_LIMIT,
  COMMIT_FRAME_LIMIT,
  INBOX_BODY_LIMIT,
  INVITATION_LENGTH,
  KEY_PACKAGE_LIMIT,
  KEY_PACKAGES_LIMIT,
  LOG_BRANCHES_LIMIT,
  LOG_ENTRIES_LIMIT,
  LOG_ENTRY_LIMIT,
  NAME_LIMIT,
  PUBLISH_LIMIT,
  READ_LIMIT,
  RENDEZVOUS_BODY_LIMIT,
  RENDEZVOUS_MESSAGES,
  RENDEZVOUS_WAIT_LIMIT,
  SIGNAL_LIMIT,
  SUCCESSOR_BYTES,
  SUCCESSOR_PAGE_LIMIT,
} from './limits.ts'
import type {
  ClaimedPackage,
  Entry,
  EntryUpload,
  InboxItem,
  Method,
  Params,
  Result,
  Subscription,
  SubscriptionItem,
  SubscriptionParams,
  SuccessorItem,
} from './methods.ts'
import { kindSchema, receiptSchema } from './receipt-schema.ts'
import { array, bool, bytes, int, literal, malformed, nullable, optional, record, type Schema, text } from './schema.ts'

/**
 * Run-time checks of everything in `methods.ts`, for both ends. Keys that this version does not know are left out;
 * every other difference throws `protocol/malformed`.
 */

const key = bytes(32)
const reference = bytes(16)
const address = text(ADDRESS_LIMIT, 1)
const suite = text(NAME_LIMIT, 1)
const log = array(bytes(1, LOG_ENTRY_LIMIT), 1, LOG_ENTRIES_LIMIT)
const side = literal('new', 'old')
const place = int(0, RENDEZVOUS_MESSAGES - 1)
const keyPackage = bytes(1, KEY_PACKAGE_LIMIT)
const nothing: Schema<Record<never, never>> = record({})

const upload: Schema<EntryUpload> = record({
  kind: kindSchema,
  epoch: int(),
  reference,
  body: bytes(1, BODY_LIMIT),
  frame: optional(bytes(1, COMMIT_FRAME_LIMIT)),
  approval: optional(bytes(64)),
})

const entry: Schema<Entry> = record({
  epoch: int(),
  reference,
  body: nullable(bytes(1, BODY_LIMIT)),
  frame: nullable(bytes(1, COMMIT_FRAME_LIMIT)),
  receipt: receiptSchema,
})

const opening = record({ nonce: bytes(16), key, epoch: int() })

const inboxItem: Schema<InboxItem> = record({ seq: int(1), time: int(), body: bytes(0, INBOX_BODY_LIMIT) })

const successor: Schema<SuccessorItem> = record({
  seq: int(1),
  time: int(),
  reference,
  body: bytes(1, SUCCESSOR_BYTES),
})

const claimed: Schema<ClaimedPackage> = record({ device: key, package: keyPackage, lastResort: bool })

/** Only relays read parameters. As a call that is marked as pure, bundlers leave it out of pages. */
const PARAMS: { readonly [M in Method]: Schema<Params<M>> } = /* @__PURE__ */ (() => ({
  'relay.info': nothing,
  'link.prove': record({ kind: literal('topic', 'device'), subject: key, publicKey: key, signature: bytes(64) }),
  'identity.put': record({ log, fork: optional(bool), invitation: optional(bytes(INVITATION_LENGTH)) }),
  'identity.get': record({ address: optional(address), key: optional(key) }),
  'keys.publish': record({
    device: key,
    suite,
    oneTime: array(keyPackage, 0, KEY_PACKAGES_LIMIT),
    lastResort: optional(keyPackage),
    replace: optional(bool),
  }),
  'keys.count': record({ device: key, suite }),
  'keys.claim': record({ address, suite }),
  'topic.publish': record({
    topic: key,
    create: optional(opening),
    entries: array(upload, 0, PUBLISH_LIMIT),
    attach: optional(array(record({ id: bytes(16), body: bytes(0, BLOB_LIMIT) }), 0, ATTACH_LIMIT)),
    after: optional(int()),
  }),
  'topic.restore': record({ topic: key, create: optional(opening), entries: array(entry, 1, PUBLISH_LIMIT) }),
  'topic.read': record({ topic: key, after: int(), limit: int(1, READ_LIMIT) }),
  'topic.head': record({ topic: key }),
  'successor.put': record({ topic: key, reference, body: bytes(1, SUCCESSOR_BYTES) }),
  'successor.list': record({ topic: key, after: int(), limit: int(1, SUCCESSOR_PAGE_LIMIT) }),
  'blob.get': record({ id: bytes(16) }),
  'inbox.put': record({ device: key, reference, body: bytes(0, INBOX_BODY_LIMIT) }),
  'inbox.head': record({ device: key }),
  'inbox.ack': record({ device: key, seq: int() }),
  'archive.put': record({ device: key, address, slot: bytes(1, 32), body: bytes(0, ARCHIVE_BODY_LIMIT) }),
  'archive.get': record({ device: key, address, slot: bytes(1, 32) }),
  'archive.list': record({ device: key, address, after: optional(bytes(1, 32)), limit: int(1, ARCHIVE_PAGE_LIMIT) }),
  'signal.send': record({ topic: key, body: bytes(0, SIGNAL_LIMIT) }),
  'rendezvous.put': record({ slot: bytes(16), side, index: place, body: bytes(1, RENDEZVOUS_BODY_LIMIT) }),
  'rendezvous.get': record({ slot: bytes(16), side, index: place, wait: int(0, RENDEZVOUS_WAIT_LIMIT) }),
}))()

const RESULTS: { readonly [M in Method]: Schema<Result<M>> } = {
  'relay.info': record({
    name: text(NAME_LIMIT),
    version: text(NAME_LIMIT),
    time: int(),
    policy: literal('open', 'invitation'),
  }),
  'link.prove': nothing,
  'identity.put': record({ length: int() }),
  'identity.get': record({ logs: array(log, 0, LOG_BRANCHES_LIMIT) }),
  'keys.publish': record({ count: int() }),
  'keys.count': record({ count: int(), lastResort: bool }),
  'keys.claim': record({ packages: array(claimed, 0, CLAIM_LIMIT) }),
  'topic.restore': record({ seq: int() }),
  'topic.publish': record({ receipts: array(receiptSchema, 0, PUBLISH_LIMIT) }),
  'topic.read': record({ entries: array(entry, 0, READ_LIMIT), head: record({ seq: int(), epoch: int() }) }),
  'topic.head': record({ seq: int(), head: key, epoch: int(), time: int() }),
  'successor.put': record({ seq: int(1) }),
  'successor.list': record({ items: array(successor, 0, SUCCESSOR_PAGE_LIMIT) }),
  'blob.get': record({ body: bytes(0, BLOB_LIMIT) }),
  'inbox.put': record({ seq: int(1) }),
  'inbox.head': record({ seq: int() }),
  'inbox.ack': nothing,
  'archive.put': nothing,
  'archive.get': record({ body: nullable(bytes(0, ARCHIVE_BODY_LIMIT)), time: int() }),
  'archive.list': record({
    slots: array(
      record({ slot: bytes(1, 32), body: bytes(0, ARCHIVE_BODY_LIMIT), time: int() }),
      0,
      ARCHIVE_PAGE_LIMIT,
    ),
  }),
  'signal.send': record({ reached: int() }),
  'rendezvous.put': nothing,
  'rendezvous.get': record({ body: nullable(bytes(1, RENDEZVOUS_BODY_LIMIT)) }),
}

const SUBSCRIPTION_PARAMS: { readonly [S in Subscription]: Schema<SubscriptionParams<S>> } = /* @__PURE__ */ (() => ({
  topic: record({ topic: key, after: int() }),
  inbox: record({ device: key, after: int() }),
  signals: record({ topic: key }),
}))()

const ITEMS: { readonly [S in Subscription]: Schema<SubscriptionItem<S>> } = {
  topic: entry,
  inbox: inboxItem,
  signals: record({ body: bytes(0, SIGNAL_LIMIT) }),
}

export const isMethod = (name: string): name is Method => Object.hasOwn(PARAMS, name)

export const isSubscription = (name: string): name is Subscription => Object.hasOwn(ITEMS, name)

/** Relay side. An `identity.get` names exactly one of address and key. */
export const parseParams = <M extends Method>(method: M, value: unknown): Params<M> => {
  const params = PARAMS[method](value, method)
  if (method === 'identity.get' && 'address' in params === 'key' in params)
    throw malformed(method, 'either an address or a key is expected')
  return params
}

/** Client side. */
export const parseResult = <M extends Method>(method: M, value: unknown): Result<M> => RESULTS[method](value, method)

/** Relay side. */
export const parseSubscriptionParams = <S extends Subscription>(name: S, value: unknown): SubscriptionParams<S> =>
  SUBSCRIPTION_PARAMS[name](value, name)

/** Client side. */
export const parseItem = <S extends Subscription>(name: S, value: unknown): SubscriptionItem<S> =>
  ITEMS[name](value, name)
