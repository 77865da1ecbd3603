import type { Address, Client, Notification, PresenceEvent } from '@dchat/sdk'
import { PATIENCE } from './defaults.ts'
import type { Engine } from './engine.ts'
import { targetOf } from './listen.ts'
import { merge } from './merge.ts'
import { chatToWrite, listeningTo } from './resolve.ts'
import type { SignalCalls, SignalStreams, SignalView } from './signal-types.ts'

type Params = SignalStreams['listen.signals']['params']

/** A signal waits for nobody, so this does: until a relay can be reached. */
export const typing = async (
  { client, online }: Engine,
  { chat, patience = PATIENCE }: { chat: string; patience?: number | undefined },
  signal: AbortSignal,
): Promise<SignalCalls['typing']['result']> => {
  await online.ready(patience, signal)
  const id = await chatToWrite(client, chat, signal)
  await client.sync({ signal })
  await client.presence.typing(id)
  return { chat: id }
}

const notificationView = (notification: Notification): SignalView => {
  const { type: kind, conversation: chat, ...rest } = notification
  return { type: 'notification', kind, chat, ...rest }
}

const presenceView = (event: PresenceEvent, name: string | undefined): SignalView => {
  const who = { from: event.from, ...(name === undefined ? {} : { name }) }
  switch (event.type) {
    case 'typing':
    case 'stopped':
      return { type: 'typing', chat: event.conversation, ...who, typing: event.type === 'typing' }
    case 'online':
      return { type: 'presence', ...who, online: true }
    case 'offline':
      return { type: 'presence', ...who, online: false, lastSeen: event.lastSeen }
  }
}

async function* presence(client: Client, signal: AbortSignal): AsyncGenerator<SignalView> {
  for await (const event of client.presence.stream({ signal }))
    yield presenceView(event, (await client.contacts.find(event.from))?.name)
}

async function* notifications(client: Client, signal: AbortSignal): AsyncGenerator<SignalView> {
  for await (const notification of client.notifications.stream({ signal })) yield notificationView(notification)
}

/** Who types, who comes and goes, and what should notify: as it happens, and only while somebody listens. */
export async function* signals(engine: Engine, params: Params, signal: AbortSignal): AsyncGenerator<SignalView> {
  const { client, online } = engine
  const { chat, types } = params
  const { wants } = await targetOf(client, chat)
  const peer = chat === undefined ? undefined : await peerOf(client, chat)
  online.start()
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  const sources = [
    ...(types.includes('notification') ? [notifications(client, until)] : []),
    ...(types.includes('typing') || types.includes('presence') ? [presence(client, until)] : []),
  ]
  const end = (): void => over.abort()
  for await (const item of merge(sources, end)) {
    if (!types.includes(item.type)) continue
    if (item.type === 'presence' ? chat === undefined || item.from === peer : await wants(item.chat as never))
      yield item
  }
}

/** Being online is of a person; a group has none. */
const peerOf = async (client: Client, chat: string): Promise<Address | undefined> => {
  const found = await listeningTo(client, chat)
  return typeof found === 'string' ? undefined : found.address
}
