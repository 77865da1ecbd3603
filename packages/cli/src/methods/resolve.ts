import type { Address, Client, Conversation, ConversationId, RelayUrl } from '@dchat/sdk'
import { parsePeer } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import type { Engine } from './engine.ts'
import { caughtUp } from './synced.ts'
import type { Waiting } from './types.ts'

const LOOKS_LIKE_PEER = /^\s*(dchat1|dchat:)/i

/** Characters of an id that are enough to be taken for its beginning. */
const PREFIX = 4

type Person = { readonly kind: 'person'; readonly address: Address; readonly relays: readonly RelayUrl[] }
type Named = Person | { readonly kind: 'chat'; readonly id: ConversationId }

export async function* conversationsOf(client: Client): AsyncGenerator<Conversation> {
  let before: string | undefined
  do {
    const page = await client.conversations.list({ limit: 200, ...(before === undefined ? {} : { before }) })
    yield* page.items
    before = page.next
  } while (before !== undefined)
}

const findPerson = async (client: Client, named: string): Promise<Person | undefined> => {
  // An address with a typing error says so, instead of "unknown".
  if (LOOKS_LIKE_PEER.test(named)) return { kind: 'person', ...parsePeer(named) }
  const contact = await client.contacts.find(named)
  // A contact's relays were parsed when it was added.
  return contact && { kind: 'person', address: contact.address, relays: contact.relays as readonly RelayUrl[] }
}

/** A name is free for anyone to choose, so two groups of one name are never told apart by guessing. */
const onlyOne = (named: string, found: readonly Conversation[]): ConversationId | undefined => {
  if (found.length > 1)
    throw new DchatError(
      'usage/invalid-argument',
      { name: named, reason: `${found.length} conversations go by it` },
      { hint: `Name one by its id: ${found.map(({ id }) => id).join(', ')}.` },
    )
  return found[0]?.id
}

/** By id, by the name of a group, or by the beginning of an id. One that is over gives way to one that goes on. */
const findChat = async (client: Client, named: string): Promise<ConversationId | undefined> => {
  const exact = await client.conversations.get(named as ConversationId)
  if (exact !== undefined) return exact.id
  const name = named.trim().toLowerCase()
  const titled: Conversation[] = []
  const begun: Conversation[] = []
  for await (const conversation of conversationsOf(client)) {
    if (conversation.kind === 'group' && conversation.title?.trim().toLowerCase() === name) titled.push(conversation)
    if (name.length >= PREFIX && conversation.id.startsWith(name)) begun.push(conversation)
  }
  const going = titled.filter(({ state }) => state !== 'closed')
  return onlyOne(named, going.length > 0 ? going : titled) ?? onlyOne(named, begun)
}

/** Whoever or whatever the user named; a contact's name counts before a group's, which others may have chosen. */
const find = async (client: Client, named: string): Promise<Named> => {
  const person = await findPerson(client, named)
  if (person !== undefined) return person
  const id = await findChat(client, named)
  if (id !== undefined) return { kind: 'chat', id }
  const hint =
    'Name a contact ("dchat contacts list"), a group ("dchat group list"), an address or an invite link; "dchat contacts add LINK --as NAME" gives a name.'
  throw new DchatError('identity/unknown-peer', { peer: named, hint }, { hint })
}

/** The conversation to write to; a direct message that does not exist yet is begun. */
export const chatToWrite = async (client: Client, named: string, signal: AbortSignal): Promise<ConversationId> => {
  const found = await find(client, named)
  if (found.kind === 'chat') return found.id
  return (await client.conversations.dm(found.address, { signal, relays: found.relays })).id
}

const withPeer = async (client: Client, peer: Address): Promise<ConversationId | undefined> => {
  for await (const { id, peer: other } of conversationsOf(client)) if (other === peer) return id
  return undefined
}

/** The conversation to read; undefined if nobody wrote yet. Reading begins nothing. */
export const chatToRead = async (client: Client, named: string): Promise<ConversationId | undefined> => {
  const found = await find(client, named)
  return found.kind === 'chat' ? found.id : withPeer(client, found.address)
}

/** What to listen to: a direct message by its person, who may write the first word yet, a group by its id. */
export const listeningTo = async (client: Client, named: string): Promise<Person | ConversationId> => {
  const found = await find(client, named)
  if (found.kind === 'person') return found
  const peer = (await client.conversations.get(found.id))?.peer
  return peer === undefined ? found.id : { kind: 'person', address: peer, relays: [] }
}

/** A person by contact name, address or invite link. A link's relays are kept, so that the person can be found there. */
export const personOf = async (client: Client, named: string, signal: AbortSignal): Promise<Address> => {
  const person = await findPerson(client, named)
  if (person === undefined) {
    const hint = 'Name a contact ("dchat contacts list"), an address or an invite link.'
    throw new DchatError('identity/unknown-peer', { peer: named, hint }, { hint })
  }
  if (person.relays.length > 0 && (await client.contacts.find(person.address)) === undefined)
    await client.contacts.add(named, { signal })
  return person.address
}

export const peopleOf = async (client: Client, named: readonly string[], signal: AbortSignal): Promise<Address[]> => {
  const people = new Set<Address>()
  // One after the other: two links of one person are one contact.
  for (const name of named) people.add(await personOf(client, name, signal))
  return [...people]
}

/** A group by name or id; what is not known here yet may wait at the relays. Throws `conversation/unknown`. */
export const groupOf = async (
  engine: Engine,
  named: string,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<ConversationId> => {
  const { client } = engine
  const known = await findChat(client, named)
  if (known !== undefined) return known
  await caughtUp(engine, waiting, signal)
  const found = await findChat(client, named)
  if (found !== undefined) return found
  throw new DchatError('conversation/unknown', { conversation: named })
}

/** A group, or the direct message with a person. */
export const chatToChange = async (
  engine: Engine,
  named: string,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<ConversationId> => {
  try {
    return await chatToWrite(engine.client, named, signal)
  } catch (error) {
    if (!isDchatError(error, 'identity/unknown-peer')) throw error
    return groupOf(engine, named, waiting, signal)
  }
}
