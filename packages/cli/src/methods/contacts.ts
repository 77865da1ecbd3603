import { isDchatError } from '@dchat/sdk/errors'
import { PATIENCE } from './defaults.ts'
import type { Engine } from './engine.ts'
import { conversationsOf } from './resolve.ts'
import type { Calls, ChatView, ContactView } from './types.ts'
import { chatView, contactView } from './views.ts'

type Add = Calls['contacts.add']

/** Without a relay the contact is kept all the same, and the result says that nobody was asked. */
export const addContact = async (
  { client, online }: Engine,
  { peer, name, patience = PATIENCE }: { peer: string; name?: string | undefined; patience?: number | undefined },
  signal: AbortSignal,
): Promise<Add['result']> => {
  const checked = await online.ready(patience, signal).then(
    () => true,
    (error: unknown) => {
      if (isDchatError(error, 'transport/unreachable')) return false
      throw error
    },
  )
  const contact = await client.contacts.add(peer, { signal, ...(name === undefined ? {} : { name }) })
  return { contact: contactView(contact), checked }
}

export async function* listContacts({ client }: Engine): AsyncGenerator<ContactView> {
  for (const contact of await client.contacts.list()) yield contactView(contact)
}

/** Newest activity first. */
export async function* listChats(
  { client }: Engine,
  { limit = 1000 }: { limit?: number | undefined },
): AsyncGenerator<ChatView> {
  let left = limit
  for await (const conversation of conversationsOf(client)) {
    yield chatView(conversation)
    left -= 1
    if (left === 0) return
  }
}
