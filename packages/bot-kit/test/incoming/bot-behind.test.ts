import { startTestRelay } from '@dchat/relay/testing'
import { createClient, createIdentity, parseMoney } from '@dchat/sdk'
import { afterEach, expect, test } from 'vitest'
import { createBot, createWebhookSecret, memoryQueue, perform, runWebhooks, serve } from '../../src/index.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

test('the same bot behind a webhook: it answers, and counters and takes an offer, each once', async () => {
  const relay = await startTestRelay()
  open.push(() => relay.close())
  const person = async () => {
    const options = { identity: createIdentity(), relays: [relay.url], store: ':memory:', strangers: 'allow' } as const
    const client = await createClient(options)
    open.push(() => client.close())
    await client.connect()
    return client
  }
  const [gateway, ann] = [await person(), await person()]
  const secret = createWebhookSecret()
  const bot = createBot({ webhookSecret: secret })
    .on('message:text', (ctx) => ctx.reply(`You said ${ctx.text}`))
    .on('offer:open', async (ctx) => {
      if (ctx.offer.total.minor === '4500') await ctx.accept()
      else await ctx.counter({ items: [{ title: 'Chair', unitPrice: parseMoney('EUR 45.00') }] })
    })
  const served = await serve(bot.fetch, { port: 0 })
  open.push(() => served.close())
  const stop = new AbortController()
  const running = runWebhooks(
    {
      ...{ client: gateway, queue: memoryQueue(), allowPrivateTargets: [new URL(served.url).host] },
      webhooks: [{ name: 'own', url: served.url, keys: [secret] }],
    },
    { signal: stop.signal },
  )
  open.push(async () => {
    stop.abort()
    await running
  })

  const chat = await ann.conversations.dm(gateway.address, { relays: gateway.relays() })
  const heard = ann.messages.stream()[Symbol.asyncIterator]()
  await chat.send('hello')
  expect((await heard.next()).value?.content).toMatchObject({ text: 'You said hello' })

  const made = await ann.offers.make(chat.id, { items: [{ title: 'Chair', unitPrice: parseMoney('EUR 30.00') }] })
  let countered = await ann.offers.get(made.offer)
  for await (const offer of ann.offers.stream()) {
    countered = offer
    if (offer.author === gateway.address) break
  }
  expect(countered?.terms.price.total).toEqual(parseMoney('EUR 45.00'))
  await ann.offers.counter(made.offer, {
    items: [{ title: 'Chair', unitPrice: parseMoney('EUR 45.00') }],
    text: 'Deal?',
  })
  for await (const offer of ann.offers.stream()) if (offer.deals.at(-1)?.state === 'agreed') break

  // What an action names it acts on in its own conversation, and once.
  const place = { conversation: chat.id, scope: 'evt_1' }
  const terms = { items: [{ title: 'Table', unit_price: 'EUR 90.00' }], expires_in: 3_600 }
  const make = () => perform(gateway, { do: 'offer_make', terms }, place, '0')
  const first = await make()
  expect(first).toMatchObject({ do: 'offer_make', offer_id: expect.any(String), message_id: expect.any(String) })
  const again = perform(gateway, { do: 'offer_make', terms: { ...terms, text: 'else' } }, place, '0')
  expect([await make(), await again]).toEqual([first, first])
  const own = await gateway.offers.get(String(first.offer_id))
  const answer = { offer_id: String(first.offer_id), head: String(own?.head) }
  await expect(
    perform(
      gateway,
      { do: 'offer_withdraw', ...answer },
      { ...place, conversation: 'elsewhere' as typeof chat.id },
      '1',
    ),
  ).rejects.toMatchObject({ code: 'offer/unknown' })
  await expect(perform(gateway, { do: 'offer_make', terms: { total: 'lots' } }, place, '2')).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  expect(await perform(gateway, { do: 'offer_withdraw', ...answer }, place, '3')).toMatchObject({
    offer_id: first.offer_id,
  })
})
