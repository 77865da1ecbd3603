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
export { type ClientOptions, createClient } from './client/create-client.ts'
export type { Store } from './domain/store/store.ts'
// When it fails
export { DchatError, ERRORS, type ErrorCode, type ErrorCodes, isDchatError } from './errors.ts'
// The ports, for those who bring their own platform
export type { Clock } from './ports/clock.ts'
export type { Crypto } from './ports/crypto.ts'
export type { Log } from './ports/log.ts'
export type { Reader, Row, Storage, Table, Writer } from './ports/storage.ts'
export type { LinkState, RelayLink, Transport } from './ports/transport.ts'
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
