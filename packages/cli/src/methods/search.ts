import type { Address, Client, ConversationId, SearchHit, SearchQuery } from '@dchat/sdk'
import { PAGE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { chatToRead, personOf } from './resolve.ts'
import type { FoundView, SearchEnd, SearchParams } from './search-types.ts'

/** Hits that are asked for at once. */
const STEP = 200
/** For oneself, where a person is named. */
const ME = 'me'

/** The filters as the SDK knows them; undefined where nobody wrote in that conversation yet. */
const queryOf = async (
  client: Client,
  { text, chat, from, after, before }: SearchParams,
  signal: AbortSignal,
): Promise<SearchQuery | undefined> => {
  const conversation = chat === undefined ? undefined : await chatToRead(client, chat)
  if (chat !== undefined && conversation === undefined) return undefined
  const author = from === undefined ? undefined : from === ME ? client.address : await personOf(client, from, signal)
  return {
    text,
    ...(conversation === undefined ? {} : { conversation }),
    ...(author === undefined ? {} : { from: author }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  }
}

const createView = (client: Client) => {
  const groups = new Map<ConversationId, string | undefined>()
  const names = new Map<Address, string | undefined>()
  const groupOf = async (id: ConversationId): Promise<string | undefined> => {
    if (!groups.has(id)) {
      const record = await client.conversations.get(id)
      groups.set(id, record?.kind === 'group' ? (record.title ?? '') : undefined)
    }
    return groups.get(id)
  }
  const nameOf = async (address: Address): Promise<string | undefined> => {
    if (!names.has(address)) {
      const { nickname, profile } = await client.contacts.person(address)
      names.set(address, nickname ?? profile?.name)
    }
    return names.get(address)
  }
  return async ({ message, conversation, from, ...hit }: SearchHit): Promise<FoundView> => {
    const own = from === client.address
    const group = await groupOf(conversation)
    const name = own ? undefined : await nameOf(from)
    return {
      type: 'found',
      id: message,
      chat: conversation,
      ...(group === undefined ? {} : { group }),
      from,
      ...(name === undefined ? {} : { name }),
      own,
      ...hit,
    }
  }
}

/** Waits for an index that is not there yet, but not for ever: what it has is given then. */
const prepared = async (client: Client, timeout: number, signal: AbortSignal): Promise<void> => {
  const over = AbortSignal.timeout(timeout)
  try {
    await client.search.ready({ signal: AbortSignal.any([signal, over]) })
  } catch (error) {
    if (signal.aborted || !over.aborted) throw error
  }
}

/** What this device has that fits, newest first, and at the end whether that is everything. */
export async function* search(
  { client }: Engine,
  params: SearchParams,
  signal: AbortSignal,
): AsyncGenerator<FoundView | SearchEnd> {
  const { limit = PAGE, timeout = WAIT } = params
  const query = await queryOf(client, params, signal)
  await prepared(client, timeout, signal)
  const view = createView(client)
  let complete = true
  let left = query === undefined ? 0 : limit
  for (let cursor: string | undefined; query !== undefined && left > 0; ) {
    const more = cursor === undefined ? {} : { cursor }
    const page = await client.search.messages({ ...query, limit: Math.min(STEP, left), ...more })
    for (const hit of page.hits) yield await view(hit)
    left -= page.hits.length
    complete = page.complete
    cursor = page.next
    if (cursor === undefined) break
  }
  yield { type: 'end', complete }
}
