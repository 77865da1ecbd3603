import type { Address, Client, ConversationId, RelayUrl } from '@dchat/sdk'
import { parsePeer } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'

const LOOKS_LIKE_PEER = /^\s*(dchat1|dchat:)/i

type Named =
  | { readonly kind: 'person'; readonly address: Address; readonly relays: readonly RelayUrl[] }
  | { readonly kind: 'chat'; readonly id: ConversationId }

/** Whoever or whatever the user named: a contact, an address, an invite link or a conversation. */
const find = async (client: Client, named: string): Promise<Named> => {
  // An address with a typing error says so, instead of "unknown".
  if (LOOKS_LIKE_PEER.test(named)) return { kind: 'person', ...parsePeer(named) }
  const contact = await client.contacts.find(named)
  // A contact's relays were parsed when it was added.
  if (contact !== undefined)
    return { kind: 'person', address: contact.address, relays: contact.relays as readonly RelayUrl[] }
  const record = await client.conversations.get(named as ConversationId)
  if (record !== undefined) return { kind: 'chat', id: record.id }
  const hint =
    'Name a contact ("dchat contacts list"), an address or an invite link; "dchat contacts add LINK --as NAME" gives a name.'
  throw new DchatError('identity/unknown-peer', { peer: named, hint }, { hint })
}

/** The conversation to write to; a direct message that does not exist yet is begun. */
export const chatToWrite = async (client: Client, named: string, signal: AbortSignal): Promise<ConversationId> => {
  const found = await find(client, named)
  if (found.kind === 'chat') return found.id
  return (await client.conversations.dm(found.address, { signal, relays: found.relays })).id
}

const withPeer = async (client: Client, peer: Address): Promise<ConversationId | undefined> => {
  let before: string | undefined
  do {
    const page = await client.conversations.list({ limit: 200, ...(before === undefined ? {} : { before }) })
    const chat = page.items.find((conversation) => conversation.peer === peer)
    if (chat !== undefined) return chat.id
    before = page.next
  } while (before !== undefined)
  return undefined
}

/** The conversation to read; undefined if nobody wrote yet. Reading begins nothing. */
export const chatToRead = async (client: Client, named: string): Promise<ConversationId | undefined> => {
  const found = await find(client, named)
  return found.kind === 'chat' ? found.id : withPeer(client, found.address)
}

/** The person at the other end of what was named, whether or not there is a conversation yet. */
export const peerOf = async (client: Client, named: string): Promise<Address | undefined> => {
  const found = await find(client, named)
  return found.kind === 'person' ? found.address : (await client.conversations.get(found.id))?.peer
}
