import type { Client, ConversationId, MessageId } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { conversationsOf } from './resolve.ts'

/** Characters of an id that are enough to be taken for its beginning. */
const PREFIX = 6
const WHOLE = 64
/** The newest messages, of all conversations, that are looked through for one. */
const NEWEST = 5_000
const STEP = 200

const begunIn = async (
  client: Client,
  conversation: ConversationId,
  beginning: string,
  limit: number,
): Promise<{ readonly found: readonly MessageId[]; readonly seen: number }> => {
  const found: MessageId[] = []
  let seen = 0
  for (let before: string | undefined; seen < limit; ) {
    const more = before === undefined ? {} : { before }
    const page = await client.messages.list(conversation, { limit: Math.min(STEP, limit - seen), ...more })
    found.push(...page.items.flatMap(({ id }) => (id.startsWith(beginning) ? [id] : [])))
    seen += page.items.length
    before = page.next
    if (before === undefined) break
  }
  return { found, seen }
}

/**
 * A message by its id, or by the beginning of its id among the newest; undefined where this device does not have it.
 * Throws `usage/invalid-argument` where several begin so.
 */
export const messageNamed = async (client: Client, named: string): Promise<MessageId | undefined> => {
  const exact = await client.messages.get(named as MessageId)
  if (exact !== undefined) return exact.id
  const beginning = named.toLowerCase()
  if (beginning.length < PREFIX || beginning.length >= WHOLE || !/^[0-9a-f]+$/.test(beginning)) return undefined
  const found: MessageId[] = []
  let left = NEWEST
  for await (const { id } of conversationsOf(client)) {
    const here = await begunIn(client, id, beginning, left)
    found.push(...here.found)
    left -= here.seen
    if (left <= 0) break
  }
  if (found.length > 1)
    throw new DchatError(
      'usage/invalid-argument',
      { name: named, reason: `${found.length} messages begin so` },
      { hint: `Name one by more of its id: ${found.join(', ')}.` },
    )
  return found[0]
}
