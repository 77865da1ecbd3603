import { type Client, type ConversationId, createClient, createIdentity, parseAddress, parseRelayUrl } from '@dchat/sdk'
import type { Page } from 'playwright'
import { addressOf } from './support.ts'

const EUR = (minor: string) => ({ minor, currency: 'EUR', exponent: 2 })

/** Somebody who writes from elsewhere: a client without a window. */
const friend = async (name: string, relay: string): Promise<Client> => {
  const client = await createClient({ identity: createIdentity(), relays: [relay] })
  await client.profiles.set({ name })
  await client.connect()
  return client
}

const haggle = async (bob: Client, chat: ConversationId): Promise<void> => {
  await bob.offers.make(chat, {
    items: [{ title: 'Brass lamp, 1950s, with its first shade' }],
    price: { total: EUR('12000') },
    expiresIn: 2 * 86_400,
  })
}

/**
 * Fills the window of a person with what friends write: a long talk with an offer, a group, a talk from right to left, a
 * long name, and a request from a stranger. Resolves when all of it is there.
 */
export const furnish = async (page: Page, relay: string): Promise<{ readonly bob: Client; close(): Promise<void> }> => {
  const address = parseAddress(await addressOf(page))
  const [bob, hans, stranger] = await Promise.all([
    friend('Bob', relay),
    friend('Hans-Dietrich Freiherr von und zu Großwaldenburg', relay),
    friend('محمد علي', relay),
  ])
  const relays = [parseRelayUrl(relay)]
  const requests = page.getByRole('list', { name: 'Waiting for your answer' })
  const allow = async (name: string): Promise<void> => {
    await requests.getByRole('listitem').filter({ hasText: name }).getByRole('button', { name: 'Allow' }).click()
  }
  const chat = await bob.conversations.dm(address, { relays })
  await chat.send('Hello, is the shed still to be cleared on Saturday?')
  await allow('Bob')
  for (const text of [
    'I could come at nine, with the trailer.',
    'By the way: I still have the **lamp** that you liked. It works, and the shade is the first one.',
    'Three things that I would need:\n\n- gloves\n- a second pair of hands\n- coffee',
  ])
    await chat.send({ type: 'markdown', markdown: text })
  await haggle(bob, chat.id)
  const long = await hans.conversations.dm(address, { relays })
  await long.send('Rechtsschutzversicherungsgesellschaften und Donaudampfschifffahrtsgesellschaftskapitäne', {
    wait: 'sent',
  })
  await allow('Hans')
  const request = await stranger.conversations.dm(address, { relays })
  await request.send('مرحبا، هل المصباح متاح؟')
  await requests.getByText('wants to write to you').waitFor()
  return {
    bob,
    close: async () => {
      await Promise.all([bob, hans, stranger].map((client) => client.close()))
    },
  }
}
