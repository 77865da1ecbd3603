declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** A person's or bot's address: bech32m, `dchat1…`. Made only by `parseAddress` and identity code. */
export type Address = Branded<string, 'Address'>
/** A device: lower-case hex of the first 16 bytes of SHA-256 over its signature key. */
export type DeviceId = Branded<string, 'DeviceId'>
/** A conversation as the user knows it. A direct message keeps its id when its room changes. */
export type ConversationId = Branded<string, 'ConversationId'>
/** A MIMI message id, lower-case hex, 64 characters (draft-ietf-mimi-content-08). */
export type MessageId = Branded<string, 'MessageId'>
/** A topic on a relay: lower-case hex of 32 bytes. */
export type TopicId = Branded<string, 'TopicId'>
/** A relay's base URL, `ws://` or `wss://`, normalised by `parseRelayUrl`. */
export type RelayUrl = Branded<string, 'RelayUrl'>
/** A place in the stream of everything that arrived on this device; compares as a string of its own device only. */
export type Cursor = Branded<string, 'Cursor'>
