import { type Offer, parseMoney, verifyReceipt } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { arg, createBot, selling } from '../../src/index.ts'
import { type TestUser, testBot } from '../../src/testing.ts'

const shopBot = () =>
  createBot()
    .use(
      selling({
        listing: {
          title: 'Chairs',
          items: [{ id: 'chair', title: 'Chair', unitPrice: parseMoney('EUR 60.00'), stock: 2 }],
        },
        floors: { chair: 'EUR 45.00' },
        sold: async (ctx, { file }) => {
          const { steps } = await verifyReceipt(file)
          await ctx.send(`Sold, in ${steps.length} steps`)
        },
      }),
    )
    .command('buy', { description: 'Buys', args: { item: arg.text(), pieces: arg.integer().default(1) } }, (ctx) =>
      ctx.shop.offer(ctx.args.item, ctx.args.pieces),
    )
    .on('offer:open', (ctx) => ctx.decline('not_available'))

const offersOf = (user: TestUser): Promise<readonly Offer[]> =>
  user.act(async (client, conversation) => (await client.offers.list({ conversation })).items)
const newest = async (user: TestUser): Promise<Offer> => {
  const [offer] = await offersOf(user)
  if (offer === undefined) throw new Error('there is no offer')
  return offer
}
const counter = async (user: TestUser, total: string): Promise<Offer> => {
  const { id } = await newest(user)
  await user.act((client) => client.offers.counter(id, { price: { total: parseMoney(total) } }))
  return newest(user)
}

test('haggled down step by step, accepted at what the next step asks, with a receipt', async () => {
  await using t = await testBot(shopBot())
  const alice = t.user('alice')
  await alice.send('/buy chair')
  expect((await newest(alice)).terms.price.total).toEqual(parseMoney('EUR 60.00'))
  expect((await counter(alice, 'EUR 40.00')).terms.price.total).toEqual(parseMoney('EUR 55.00'))
  expect((await counter(alice, 'EUR 44.00')).terms.price.total).toEqual(parseMoney('EUR 50.00'))
  const agreed = await counter(alice, 'EUR 46.00')
  expect(agreed.deals).toMatchObject([{ state: 'agreed' }])
  expect(agreed.terms.price.total).toEqual(parseMoney('EUR 46.00'))
  expect((await t.lastReply())?.text).toMatch(/^Sold, in \d+ steps$/)
})

test('who accepts at once has it at the price; who asks for less than the floor is declined in the end', async () => {
  await using t = await testBot(shopBot())
  const [alice, bob] = [t.user('alice'), t.user('bob')]
  await alice.send('/buy chair')
  const { id } = await newest(alice)
  await alice.act((client) => client.offers.accept(id))
  expect((await newest(alice)).deals).toMatchObject([{ state: 'agreed' }])
  expect((await t.lastReply())?.text).toMatch(/^Sold/)
  await bob.send('/buy chair')
  for (const price of ['55.00', '50.00', '45.00'])
    expect((await counter(bob, 'EUR 1.00')).terms.price.total).toEqual(parseMoney(`EUR ${price}`))
  expect(await counter(bob, 'EUR 1.00')).toMatchObject({ state: 'declined', reason: 'price_deviation' })
})

test('what is not there is not sold, and a changed name or condition is not slipped in', async () => {
  await using t = await testBot(shopBot())
  const alice = t.user('alice')
  await alice.send('/buy chair')
  const offer = await newest(alice)
  await alice.act((client) =>
    client.offers.counter(offer.id, { text: 'And a table as a present', price: { total: parseMoney('EUR 60.00') } }),
  )
  const answered = await newest(alice)
  expect(answered.author).toBe(t.client.address)
  expect(answered.deals).toEqual([])
  expect(answered.terms.text).toBe('Chairs')
  const [item] = answered.terms.items
  if (item === undefined) throw new Error('nothing is offered')
  await alice.act((client) => client.offers.counter(offer.id, { items: [{ ...item, quantity: 3 }], price: {} }))
  expect(await newest(alice)).toMatchObject({ state: 'declined', reason: 'out_of_stock' })
})
