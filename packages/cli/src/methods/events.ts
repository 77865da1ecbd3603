import type { Client, ClientEvent, Message, MessageId } from '@dchat/sdk'
import type { Engine } from './engine.ts'
import { targetOf } from './listen.ts'
import { merge } from './merge.ts'
import type { ChangedPart } from './message-types.ts'
import { requestView } from './people.ts'
import type { EventView, ListenParams } from './types.ts'
import { createViewer } from './viewer.ts'
import { invitationView } from './views.ts'

/** Messages whose last known state is kept, to tell what changed. */
const KNOWN_LIMIT = 10_000

type Parts = Readonly<Record<ChangedPart, string>>

/** As a message is that nobody touched. */
const UNTOUCHED: Parts = { text: '', deleted: '', reactions: '[]', pinned: '' }

const partsOf = ({ content, editedAt, reactions = [], pinned }: Message): Parts => ({
  text: content.type === 'deleted' || editedAt === undefined ? '' : String(editedAt),
  deleted: content.type === 'deleted' ? content.by : '',
  reactions: JSON.stringify(reactions),
  pinned: pinned === true ? 'pinned' : '',
})

/** Tells what of a message is other than before; states on the way and reports are nobody's change. */
export const changeFinder = (): ((message: Message) => readonly ChangedPart[]) => {
  const known = new Map<MessageId, Parts>()
  return (message) => {
    const before = known.get(message.id) ?? UNTOUCHED
    const now = partsOf(message)
    known.delete(message.id)
    known.set(message.id, now)
    const [oldest] = known.keys()
    if (known.size > KNOWN_LIMIT && oldest !== undefined) known.delete(oldest)
    const parts: readonly ChangedPart[] = ['text', 'deleted', 'reactions', 'pinned']
    const changed = parts.filter((part) => now[part] !== before[part])
    // What was deleted has neither wording nor reactions any more.
    return changed.includes('deleted') ? ['deleted'] : changed
  }
}

type Happened = { readonly event: ClientEvent } | { readonly message: Message }

async function* eventsOf(client: Client, signal: AbortSignal): AsyncGenerator<Happened> {
  for await (const event of client.events({ signal })) yield { event }
}

async function* changesOf(client: Client, signal: AbortSignal): AsyncGenerator<Happened> {
  for await (const message of client.messages.changes({ signal })) yield { message }
}

/** What happens beside new messages: changes of those that are known, invitations, what disappears. */
export async function* events(engine: Engine, params: ListenParams, signal: AbortSignal): AsyncGenerator<EventView> {
  const { client, online } = engine
  const { wants } = await targetOf(client, params.chat)
  online.start()
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  const happened = merge([eventsOf(client, until), changesOf(client, until)], () => over.abort())
  // Asked for before the open invitations are listed, so that none falls between.
  let next = happened.next()
  next.catch(() => {})
  const { view } = createViewer(client)
  const changedParts = changeFinder()
  const told = new Set<string>()

  async function* invitations(): AsyncGenerator<EventView> {
    for (const invitation of await client.groups.invitations()) {
      const { conversation, at } = invitation
      const key = `${conversation} ${at}`
      if (told.has(key) || !(await wants(conversation))) continue
      told.add(key)
      yield { type: 'invitation', invitation: await invitationView(client, invitation) }
    }
  }

  async function* requests(): AsyncGenerator<EventView> {
    for (const request of await client.contacts.requests()) {
      const { conversation, kind, at } = request
      const key = `${conversation} ${at}`
      if (kind === 'group' || told.has(key) || !(await wants(conversation))) continue
      told.add(key)
      yield { type: 'request', request: requestView(request) }
    }
  }

  try {
    if (params.since !== 'now') {
      yield* invitations()
      yield* requests()
    } else
      for (const { conversation, at } of [
        ...(await client.groups.invitations()),
        ...(await client.contacts.requests()),
      ])
        told.add(`${conversation} ${at}`)
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = happened.next()
      next.catch(() => {})
      if ('message' in value) {
        const changed = changedParts(value.message)
        if (changed.length > 0 && (await wants(value.message.conversation)))
          yield { type: 'change', changed, message: await view(value.message) }
      } else if (value.event.type === 'invitation') yield* invitations()
      else if (value.event.type === 'request') {
        yield* invitations()
        yield* requests()
      } else if (value.event.type === 'expired' && (await wants(value.event.conversation)))
        yield { type: 'expired', chat: value.event.conversation, messages: value.event.messages }
    }
  } finally {
    over.abort()
  }
}
