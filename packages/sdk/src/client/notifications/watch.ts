import { previewOf } from '../../domain/messages/preview.ts'
import { levelOf, notifies } from '../../domain/notifications/rule.ts'
import { DEFAULTS } from '../../domain/personal/settings.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { shortAddress } from '../../protocol/identity/address.ts'
import type { Address, ConversationId, Cursor } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import type { Notification } from '../../records/notification.ts'
import type { NotifyLevel } from '../../records/personal.ts'
import type { Abortable } from '../../util/abort.ts'
import { Broadcast } from '../../util/broadcast.ts'
import type { ClientEvent } from '../client.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { streamMessages } from '../message-stream.ts'
import { isBlocked } from '../people/consent.ts'
import { nameOf } from '../people/names.ts'
import { getRegister } from '../personal/registers.ts'
import type { ConversationRecord } from '../records.ts'

/** Conversations with something to take away, and the place of the last message that was told. */
type Outstanding = Map<ConversationId, number>

/** What the rules let through after the arrival and of the events, until the signal, `return` or the client ends it. */
export const watchNotifications = (
  core: Core,
  options: Abortable,
  since: number,
  events: AsyncIterableIterator<ClientEvent>,
): AsyncIterableIterator<Notification> => {
  const out = new Broadcast<Notification>()
  const over = new AbortController()
  const signals = [core.signal, over.signal, ...(options.signal === undefined ? [] : [options.signal])]
  const watching: Core = { ...core, signal: AbortSignal.any(signals) }
  const outstanding: Outstanding = new Map()
  const told = out.stream(options)
  const tell: Tell = (notification) => out.emit(notification)
  Promise.all([
    arrivals(watching, since, outstanding, tell),
    readings(watching, outstanding, tell),
    requests(watching, events, tell),
  ])
    .catch(() => {
      if (!watching.signal.aborted) core.log.warn('notifications failed')
    })
    .finally(() => {
      over.abort()
      out.close()
    })
  watching.signal.addEventListener('abort', () => void events.return?.(), { once: true })
  const stream: AsyncIterableIterator<Notification> = {
    next: () => told.next(),
    return: async () => {
      over.abort()
      await told.return?.()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}

type Tell = (notification: Notification) => void

const arrivals = async (core: Core, since: number, outstanding: Outstanding, tell: Tell): Promise<void> => {
  const after = `${since}` as Cursor
  for await (const message of streamMessages(core, { after, manual: true, signal: core.signal })) {
    const notification = await core.store.read((tx) => judged(tx, core, message))
    if (notification === undefined) continue
    outstanding.set(message.conversation, message.position ?? Number.MAX_SAFE_INTEGER)
    tell(notification)
    // It may have been read while it was judged.
    await clearRead(core, outstanding, tell)
  }
}

const judged = async (tx: StoreReader, core: Core, message: Message): Promise<Notification | undefined> => {
  const { id, conversation, from, own, content, state, mentions = [] } = message
  const record = await getConversation(tx, conversation)
  const mention = mentions.includes(core.self.address)
  const arrival = {
    own,
    isWords: content.type !== 'notice' && content.type !== 'deleted',
    mention,
    // What comes as history has no place in the stream of arrivals.
    history: false,
    read: state === 'read',
    blocked: await isBlocked(tx, from),
    request: record?.invitation !== undefined && record.active === undefined,
  }
  const rule = await getRegister(tx, 'notify', conversation)
  if (!notifies(arrival, levelOf(rule, await setting(tx), core.clock.now()))) return undefined
  const title = await titleOf(tx, from, record)
  return { type: 'message', conversation, message: id, from, title, preview: previewOf(content), mention }
}

const setting = async (tx: StoreReader): Promise<NotifyLevel> =>
  ((await getRegister(tx, 'setting', 'notify')) as NotifyLevel | undefined) ?? DEFAULTS.notify

/** Who, and in a group also where. */
const titleOf = async (tx: StoreReader, from: Address, record: ConversationRecord | undefined): Promise<string> => {
  const name = (await nameOf(tx, from)) ?? shortAddress(from)
  return record?.kind === 'group' && record.name !== undefined ? `${name} in ${record.name}` : name
}

/** What was read, here or on another device, is taken away. */
const readings = async (core: Core, outstanding: Outstanding, tell: Tell): Promise<void> => {
  for await (const _ of core.store.changes(['conversations'], core)) await clearRead(core, outstanding, tell)
}

const clearRead = async ({ store }: Core, outstanding: Outstanding, tell: Tell): Promise<void> => {
  if (outstanding.size === 0) return
  const read = await store.read(async (tx) => {
    const found: ConversationId[] = []
    for (const [id, place] of outstanding) {
      const record = await getConversation(tx, id)
      if (record === undefined || record.unread === 0 || record.readPlace >= place) found.push(id)
    }
    return found
  })
  for (const conversation of read) if (outstanding.delete(conversation)) tell({ type: 'cleared', conversation })
}

/** Strangers who want to write, and groups that ask this person in. */
const requests = async ({ store }: Core, events: AsyncIterable<ClientEvent>, tell: Tell): Promise<void> => {
  for await (const event of events) {
    if (event.type !== 'invitation' && event.type !== 'request') continue
    const { conversation, from } = event
    const title = await store.read(async (tx) =>
      (await setting(tx)) === 'none' ? undefined : titleOf(tx, from, await getConversation(tx, conversation)),
    )
    if (title !== undefined) tell({ type: 'request', conversation, from, title })
  }
}
