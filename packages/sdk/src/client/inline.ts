import type { StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { checkInline, composeQuery, composeResults, decodeQuery, decodeResults } from '../protocol/content/inline.ts'
import { messageIdOf, messageIdText } from '../protocol/content/message-id.ts'
import type { Address, ConversationId, MessageId } from '../records/ids.ts'
import type { InlineAnswer } from '../records/inline.ts'
import type { Abortable } from '../util/abort.ts'
import { abortable } from '../util/wait.ts'
import type { ClientEvent } from './client.ts'
import { getConversation, reserveRoom } from './conversation-store.ts'
import type { Core } from './core.ts'
import { contentFrame, putIntent } from './intents.ts'
import { putAct } from './message-life/acts.ts'
import { toWriteIn } from './people/decide.ts'
import type { QueryRecord } from './records.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { PutInline, Work } from './rooms/work.ts'

/** ms that a bot has to answer in. */
const ANSWER_TIME = 10_000
/** ms after which nobody waits any more. */
const FORGOTTEN = 60_000
const PAGE = 100

const queryKey = (id: MessageId): string => `query/${id}`

const putQuery = async (tx: StoreWriter, id: MessageId, at: number, value: QueryRecord): Promise<void> => {
  const old = await tx.page<QueryRecord>('messages', { scope: 'queries', before: at - FORGOTTEN, limit: PAGE })
  for (const { key } of old) tx.delete('messages', key)
  tx.put('messages', { key: queryKey(id), scope: 'queries', position: at, value })
}

interface ArrivedInline {
  readonly id: MessageId
  readonly at: number
  readonly target?: MessageId
  readonly said: Uint8Array
}

/** A query or an answer at its place. Throws `protocol/malformed`, and `conversation/void` outside a direct message. */
export const arrivedInline = (
  { record, control }: Work,
  by: Address,
  own: boolean,
  { id, at, target, said }: ArrivedInline,
): PutInline => {
  const { conversation } = record
  if (control.snapshot.kind !== 'dm')
    throw new DchatError('conversation/void', { reason: 'a query stands in a direct message' })
  if (target === undefined) {
    const text = decodeQuery(said)
    return async (tx, _, nextArrival) => {
      if (own) return
      await putQuery(tx, id, at, { conversation, own })
      await putAct(tx, nextArrival(), { type: 'query', query: id, conversation, by, at, text })
    }
  }
  const answer = decodeResults(said)
  return async (tx, told) => {
    const asked = await tx.get<QueryRecord>('messages', queryKey(target))
    if (own || asked?.own !== true || asked.conversation !== conversation) return
    tx.delete('messages', queryKey(target))
    told.events.push({ type: 'query-answered', conversation, query: target, ...answer })
  }
}

/** Queues content that is no message in a direct message; gives its id. */
const queue = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  compose: (frame: ReturnType<typeof contentFrame>) => Uint8Array,
  besides: (tx: StoreWriter, id: MessageId) => Promise<void>,
): Promise<MessageId> => {
  await core.profile.prepare(core)
  const { room, query } = await core.store.write(async (tx) => {
    const known = await getConversation(tx, id)
    if (known?.kind !== 'dm') throw new DchatError('conversation/unknown', { conversation: id })
    const conversation = await reserveRoom(tx, core, await toWriteIn(tx, core, id), [])
    const frame = contentFrame(core, conversation.active)
    const content = compose(frame)
    await core.profile.putInto(tx, core, conversation.active)
    await putIntent(tx, core, conversation.active, content)
    const query = messageIdText(messageIdOf({ ...frame, content }))
    await besides(tx, query)
    return { room: conversation.active, query }
  })
  rooms.get(room)?.outgoing.open()
  return query
}

/** Asks the bot of a direct message, and waits for what it finds. */
export const askInline = async (
  core: Core,
  rooms: Rooms,
  conversation: ConversationId,
  text: string,
  { signal, timeout = ANSWER_TIME }: Abortable & { readonly timeout?: number },
): Promise<InlineAnswer> => {
  signal?.throwIfAborted()
  checkInline(text)
  const over = new AbortController()
  const signals = [core.signal, over.signal, ...(signal === undefined ? [] : [signal])]
  const events = core.events.stream({ signal: AbortSignal.any(signals) })
  core.clock.sleep(timeout, { signal: AbortSignal.any(signals) }).then(
    () => over.abort(new DchatError('transport/unconfirmed', { waited: timeout })),
    () => undefined,
  )
  try {
    const query = await queue(
      core,
      rooms,
      conversation,
      (frame) => composeQuery(text, frame),
      (tx, id) => putQuery(tx, id, core.clock.now(), { conversation, own: true }),
    )
    return await abortable(answerTo(events, query), { signal: AbortSignal.any(signals) })
  } finally {
    over.abort()
  }
}

const answerTo = async (events: AsyncIterable<ClientEvent>, query: MessageId): Promise<InlineAnswer> => {
  for await (const event of events)
    if (event.type === 'query-answered' && event.query === query)
      return { results: event.results, cacheSeconds: event.cacheSeconds }
  throw new DchatError('usage/closed', { what: 'client' })
}

/** Answers what was asked of this bot; durable when it resolves. */
export const answerInline = async (core: Core, rooms: Rooms, query: MessageId, answer: InlineAnswer): Promise<void> => {
  checkInline(answer)
  const asked = await core.store.read((tx) => tx.get<QueryRecord>('messages', queryKey(query)))
  // Answered before, or nobody waits any more.
  if (asked === undefined || asked.own) throw new DchatError('message/unknown', { messageId: query })
  await queue(
    core,
    rooms,
    asked.conversation,
    (frame) => composeResults(query, answer, frame),
    async (tx) => tx.delete('messages', queryKey(query)),
  )
}
