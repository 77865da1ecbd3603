import { platform } from '#platform'
import type { Client } from './client/client.ts'
import type { ClientOptions } from './client/client-options.ts'

// Start here

export type {
  ActOptions,
  ChangeOptions,
  Chat,
  Client,
  ClientEvent,
  Contacts,
  Conversations,
  Groups,
  Links,
  Messages,
  Page,
  SendOptions,
} from './client/client.ts'
export type { ClientOptions } from './client/client-options.ts'

/**
 * Opens the client of an identity with the parts of this platform: what is there is read, no network is touched. In a
 * browser several tabs and workers may do so for one store: one of them works, the others work through it.
 * Throws `identity/none` for an empty store without an identity, `identity/expired` for a burner whose time is over,
 * `identity/exists` if the store belongs to another one, `usage/invalid-argument`, and the storage's errors.
 */
export const createClient = (options: ClientOptions): Promise<Client> => platform.createClient(options)

// The ports, for those who bring their own platform
export { assembleClient, type ClientParts } from './client/assemble-client.ts'
export { sealedStore } from './domain/store/sealed-store.ts'
export type { Store, StoredRow, StoreReader, StoreWriter } from './domain/store/store.ts'
export type { Keystore, Unlock } from './domain/store/store-key.ts'
// When it fails
export {
  DchatError,
  type DchatErrorOptions,
  ERRORS,
  type ErrorCode,
  type ErrorCodes,
  type ErrorInfo,
  isDchatError,
} from './errors.ts'
export type { Clock } from './ports/clock.ts'
export type { Crypto, MlsPrimitives } from './ports/crypto.ts'
export type { Log } from './ports/log.ts'
export type { PageQuery, Reader, Row, Storage, Table, Writer } from './ports/storage.ts'
export type { LinkState, Proof, RelayLink, Transport } from './ports/transport.ts'
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
export { parseRelayUrl } from './protocol/wire/relay-url.ts'
// What you receive
export type { Content, SendableContent } from './records/content.ts'
export type { Contact, Conversation, ConversationState } from './records/conversation.ts'
export type { GroupInfo, GroupMember, Invitation, Notice, Picture, Role } from './records/group.ts'
export type { Address, ConversationId, Cursor, DeviceId, MessageId, RelayUrl, TopicId } from './records/ids.ts'
export type { Action, Edition, Message, MessageState, Reaction } from './records/message.ts'
export type { Abortable } from './util/abort.ts'
