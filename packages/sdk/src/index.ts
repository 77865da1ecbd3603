import { platform } from '#platform'
import type {
  BackupInfo,
  ImportBackupOptions,
  ImportedBackup,
  RelockOptions,
  VerifyBackupOptions,
} from './client/backup/options.ts'
import type { Client } from './client/client.ts'
import type { ClientOptions } from './client/client-options.ts'
import type { LinkDeviceOptions } from './client/devices/link-options.ts'
import type { VerifiedReceipt } from './domain/offers/verify-receipt.ts'
import type { VerifiedEvidence } from './protocol/topic/evidence.ts'

// Start here

export type { ListingOffer, Listings, TakeOver } from './client/api/listings.ts'
export type { FoundOffer, OfferAct, OfferList, OfferOptions, OfferStep, Offers } from './client/api/offers.ts'
export type { Page } from './client/api/page.ts'
export type {
  ActOptions,
  BackupProgress,
  Backups,
  Bots,
  ChangeOptions,
  Chat,
  Client,
  ClientEvent,
  Contacts,
  Conversations,
  Devices,
  Groups,
  History,
  HomeOptions,
  HomeRelays,
  Inline,
  Links,
  Messages,
  Notifications,
  PendingLink,
  PersonalConversations,
  Presence,
  Profiles,
  Search,
  SendOptions,
  SettingsApi,
} from './client/client.ts'
export type { ClientOptions } from './client/client-options.ts'
export type { LinkDeviceOptions } from './client/devices/link-options.ts'

/**
 * Opens the client of an identity with the parts of this platform: what is there is read, no network is touched. In a
 * browser several tabs and workers may do so for one store: one of them works, the others work through it.
 * Throws `identity/none` for an empty store without an identity, `identity/expired` for a burner whose time is over,
 * `identity/exists` if the store belongs to another one, `usage/invalid-argument`, and the storage's errors.
 */
export const createClient = (options: ClientOptions): Promise<Client> => platform.createClient(options)

/**
 * The receipt of a deal, checked by itself: offline, without an identity. Rejects with `offer/bad-receipt` and the field.
 * `beside` are receipts that others have of the same conversation: a relay that told them another history is named.
 */
export const verifyReceipt = async (
  file: Uint8Array,
  { beside }: { readonly beside?: readonly Uint8Array[] } = {},
): Promise<VerifiedReceipt> => (await import('./client/later.ts')).checkReceipt(file, beside)

/**
 * Reads a backup file (`client.backup.export`) into a new store, which then is a client's like any other. It may be broken
 * off at any point, even by a kill: called again with the same file, it goes on where it stopped, and until its end the
 * store rejects with `backup/incomplete`. Throws `backup/damaged`, `identity/wrong-passphrase`, `identity/exists` where
 * the store is not empty, `protocol/unsupported-version` for the file of a later version, and the storage's errors.
 */
export const importBackup = (options: ImportBackupOptions): Promise<ImportedBackup> => platform.importBackup(options)

/** Reads a backup file to its end and keeps nothing of it. Throws as `importBackup`, but for what concerns the store. */
export const verifyBackup = (options: VerifyBackupOptions): Promise<BackupInfo> => platform.verifyBackup(options)

/**
 * From now on each of `next`, and nothing else, opens the store: passphrase, key file or keystore. The key itself stays, so
 * no row is written again; a crash leaves either the old way or the new one. In Node the store must not be open.
 * Throws `identity/none`, `identity/locked`, `identity/wrong-passphrase`, `storage/in-use` and the other storage errors.
 */
export const relockStore = (options: RelockOptions): Promise<void> => platform.relockStore(options)

/**
 * Makes this a device of a person who has another one: shows a QR text and a short code (`onStep`), waits until the other
 * device approves, and resolves to the client. What was cut off goes on when it is called again with the same store.
 * Throws `identity/wrong-link-code`, `identity/link-expired`, `identity/link-refused` (call it again for a new code),
 * `identity/exists` for a store that has an identity, `transport/unreachable`, and the storage's errors.
 */
export const linkDevice = (options: LinkDeviceOptions): Promise<Client> => platform.linkDevice(options)

/**
 * What `conversations.audit` gave as evidence, one's own or that of several members: every receipt is verified, and those
 * of one relay that contradict each other are named. Offline, without an identity. Rejects with `protocol/malformed`,
 * `protocol/too-large`, and `relay/bad-receipt` for a receipt that its relay did not sign.
 */
export const verifyEvidence = async (files: readonly Uint8Array[]): Promise<VerifiedEvidence> =>
  (await import('./client/later.ts')).checkEvidence(files)

/** The same receipt as an HTML page to read and print: without scripts, every text escaped. Rejects as `verifyReceipt`. */
export const receiptPage = async (file: Uint8Array): Promise<string> =>
  (await import('./client/later.ts')).readReceiptPage(file)

// The ports, for those who bring their own platform
export { assembleClient, type ClientParts } from './client/assemble-client.ts'
export type {
  BackupInfo,
  ImportBackupOptions,
  ImportedBackup,
  RelockOptions,
  VerifyBackupOptions,
} from './client/backup/options.ts'
export type { Deal, DealState, OfferThread, Revision, ThreadState } from './domain/offers/thread.ts'
export type { VerifiedReceipt } from './domain/offers/verify-receipt.ts'
export { type ManualPaymentsOptions, manualPayments } from './domain/payments/manual.ts'
export { sealedStore } from './domain/store/sealed-store.ts'
export type { Store, StoredRow, StoreReader, StoreWriter, WholeRow } from './domain/store/store.ts'
export type { Keystore, Unlock } from './domain/store/store-key.ts'
// When it fails
export {
  DchatError,
  type DchatErrorOptions,
  ERRORS,
  type ErrorCode,
  type ErrorCodes,
  type ErrorInfo,
  type ErrorRow,
  isDchatError,
} from './errors.ts'
export type { Clock } from './ports/clock.ts'
export type { Crypto, MlsPrimitives } from './ports/crypto.ts'
export type { Log } from './ports/log.ts'
export type { PaymentOrder, PaymentRail, PaymentRequest, PaymentState } from './ports/payment.ts'
export type { PageQuery, Reader, Row, ScanQuery, Storage, Table, Writer } from './ports/storage.ts'
export type { LinkState, Proof, RelayLink, Transport } from './ports/transport.ts'
export { withNumbers } from './protocol/content/keyboard.ts'
export { mention } from './protocol/content/mentions.ts'
export { parseAddress, shortAddress } from './protocol/identity/address.ts'
export {
  createIdentity,
  type Identity,
  type NewIdentity,
  type RestoredIdentity,
  restoreIdentity,
} from './protocol/identity/identity.ts'
export { formatInvite, type Peer, parseInvite, parsePeer } from './protocol/identity/invite.ts'
export { formatMoney, parseMoney } from './protocol/offers/money.ts'
export type { Contradiction } from './protocol/topic/contradiction.ts'
export type { ProvenLie, VerifiedEvidence } from './protocol/topic/evidence.ts'
export type { Receipt } from './protocol/wire/methods.ts'
export { parseRelayInvitation, type RelayInvitation } from './protocol/wire/relay-invitation.ts'
export { parseRelayUrl } from './protocol/wire/relay-url.ts'
export type { Arrival, ArrivedMessage, DoneToMessage } from './records/arrival.ts'
export type { AuditedTopic, AuditFinding, AuditReport } from './records/audit.ts'
export type { BotCommand, BotCommandArg, BotManifest, BotRead, InstalledBot } from './records/bot.ts'
export type { Button, Content, Keyboard, PressAnswer, SendableContent } from './records/content.ts'
export type { Contact, Conversation, ConversationState } from './records/conversation.ts'
export type { Device, LinkRequest, LinkStep } from './records/device.ts'
export type {
  ConversationHubs,
  GroupInfo,
  GroupMember,
  Invitation,
  Keepers,
  Notice,
  Picture,
  Role,
} from './records/group.ts'
export type { ArchiveState, HistoryProgress } from './records/history.ts'
export type { Address, ConversationId, Cursor, DeviceId, MessageId, RelayUrl, TopicId } from './records/ids.ts'
// What you receive
export type { InlineAnswer, InlineQuery, InlineResult } from './records/inline.ts'
export type {
  Listing,
  ListingBody,
  ListingDraft,
  ListingItem,
  ListingStock,
  ListingTerms,
  ShownListing,
} from './records/listing.ts'
export type { Action, Edition, Message, MessageState, PendingAction, Reaction } from './records/message.ts'
export type { Notification } from './records/notification.ts'
export type {
  LineKind,
  ListingSnapshot,
  Money,
  Offer,
  OfferAttachment,
  OfferDeal,
  OfferDealState,
  OfferDelivery,
  OfferEvent,
  OfferEventId,
  OfferEventType,
  OfferItem,
  OfferPayment,
  OfferRole,
  OfferState,
  OfferTerms,
  OfferThreadId,
  PriceLine,
  Reason,
  SettlementData,
  SettlementEvent,
  Terms,
  TermsDraft,
} from './records/offer.ts'
export { LINE_KINDS, OFFER_EVENTS, OFFER_ROLES, REASONS, SETTLEMENT_EVENTS } from './records/offer.ts'
export type { Consent, Person, Profile, Request, SafetyNumber, Verification } from './records/people.ts'
export type { Draft, NotifyLevel, NotifyRule, Settings } from './records/personal.ts'
export type { PresenceEvent, PresenceState } from './records/presence.ts'
export type { RelayHealth } from './records/relay.ts'
export type { SearchHit, SearchQuery, SearchResult } from './records/search.ts'
export type { Abortable } from './util/abort.ts'
