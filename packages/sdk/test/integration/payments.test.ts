import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Client, ClientEvent, ConversationId, Offer, PaymentRequest } from '../../src/index.ts'
import { verifyReceipt } from '../../src/index.ts'
import { InstantBank } from '../payments/instant-rail.ts'
import type { TestRelay } from './host/host.ts'
import { type Member, member } from './life-support.ts'
import { listenTo } from './listen-support.ts'
import { testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 60_000 } as const
let relay: TestRelay
let bank: InstantBank
const open: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
  bank = new InstantBank()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (options?: Parameters<typeof member>[1]): Promise<Member> => {
  const one = await member(relay, options)
  open.push(one.client)
  await one.client.connect()
  return one
}

const euro = (minor: number) => ({ minor: `${minor}`, currency: 'EUR', exponent: 2 })

const offerOf = async (client: Client, wanted: (offer: Offer) => boolean): Promise<Offer> => {
  for await (const offer of client.offers.stream({ signal: AbortSignal.timeout(120_000) }))
    if (wanted(offer)) return offer
  throw new Error('the stream ended')
}

const paymentIs = (state: string) => (offer: Offer) => offer.deals[0]?.payment === state

/** Ann sells to Ben, and they agreed; Ann is paid by the bank, where there is one. */
const deal = async (payments = [bank.rail()]) => {
  const seller = await join({ payments })
  const ann = seller.client
  const { client: ben } = await join()
  const { id: chat }: { id: ConversationId } = await ann.conversations.dm(ben.address)
  const items = [{ title: 'Chair', quantity: 2, unitPrice: euro(6_000) }]
  const { offer } = await ann.offers.make(chat, { items }, SENT)
  await offerOf(ben, ({ state }) => state === 'open')
  await ben.offers.accept(offer, SENT)
  await offerOf(ann, ({ deals }) => deals[0]?.state === 'agreed')
  return { ann, ben, seller, offer }
}

const requested = async (client: Client): Promise<Pick<PaymentRequest, 'requestId'>> => {
  const { deals } = await offerOf(client, paymentIs('requested'))
  return { requestId: deals[0]?.request?.request ?? '' }
}

test('a deal is paid by the word of the rail, over a restart of the payee, and never by that of the payer', async () => {
  const { ann, ben, seller, offer } = await deal()
  await ann.offers.requestPayment(offer, { note: 'two chairs' }, SENT)
  const shown = await offerOf(ben, paymentIs('requested'))
  const { requestId } = await requested(ben)
  expect(shown.deals[0]?.request).toEqual({
    rail: 'instant',
    request: requestId,
    amount: euro(12_000),
    uri: `instant:${requestId}`,
    expiresAt: 4_102_444_800_000,
    note: 'two chairs',
  })
  expect(bank.orders).toMatchObject([{ requestId, offer, payee: ann.address, payers: [ben.address] }])

  await ben.offers.reportPayment(offer, { reference: 'believe me' }, SENT)
  await offerOf(ann, paymentIs('submitted'))
  await expect(ann.offers.confirmPayment(offer)).rejects.toMatchObject({ code: 'offer/bad-payment' })
  await expect(ben.offers.confirmPayment(offer)).rejects.toMatchObject({ code: 'offer/not-yours' })
  expect(await ann.offers.get(offer)).toMatchObject({ deals: [{ payment: 'submitted' }] })

  await ann.close()
  bank.pay({ requestId })
  const again = await seller.again()
  open.push(again)
  const events = listenTo<ClientEvent>((options) => again.events(options))
  await again.connect()
  await events.until(({ type }) => type === 'payment')
  expect(events.items.filter(({ type }) => type === 'payment')).toMatchObject([
    { offer, request: requestId, state: 'paid' },
  ])
  await events.stop()
  await offerOf(ben, paymentIs('paid'))
  const { steps } = await verifyReceipt(await again.offers.receipt(offer))
  // The payer's late word may stand before or after it.
  expect(steps.map(({ event }) => event).find(({ type }) => type === 'pay_confirmed')).toMatchObject({
    author: ann.address,
    data: { rail: 'instant', request: requestId, reference: `tx-${requestId.slice(0, 8)}` },
  })
})

test('a request that does not fit the deal is asked of nobody, and the same order goes on once the rail is well', async () => {
  const { ann, offer } = await deal()
  const wrong: [Partial<PaymentRequest>, string][] = [
    [{ amount: euro(11_999) }, 'it asks for another amount'],
    [{ amount: { ...euro(12_000), currency: 'USD' } }, 'it asks for another currency'],
    [{ expiresAt: 1_000 }, 'it has expired before it was made'],
    [{ requestId: 'f'.repeat(32) }, 'it answers another order'],
    [{ rail: 'other' }, 'it names another way to pay'],
    [{ uri: 'x'.repeat(2049) }, 'its uri has more than 2048 characters'],
  ]
  for (const [change, reason] of wrong) {
    bank.spoil = (request) => ({ ...request, ...change })
    await expect(ann.offers.requestPayment(offer)).rejects.toMatchObject({
      code: 'offer/bad-payment',
      details: { rail: 'instant', reason },
    })
  }
  bank.isDown = true
  await expect(ann.offers.requestPayment(offer)).rejects.toMatchObject({
    code: 'offer/payment-trouble',
    retryable: true,
  })
  const reason = new Error('enough')
  await expect(ann.offers.requestPayment(offer, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(await ann.offers.get(offer)).toMatchObject({ deals: [{ payment: 'none' }] })

  bank.isDown = false
  bank.spoil = (request) => request
  const key = { clientId: 'once', ...SENT }
  const step = await ann.offers.requestPayment(offer, undefined, key)
  expect(await ann.offers.requestPayment(offer, undefined, key)).toEqual(step)
  expect(new Set(bank.orders.map(({ requestId }) => requestId)).size).toBe(1)
  expect(bank.orders).toHaveLength(wrong.length + 1)
})

test('nothing is asked of a rail where the step counts for nobody, or the amount or the way is not that of the deal', async () => {
  const { ann, ben, offer } = await deal()
  const request = (data: Parameters<Client['offers']['requestPayment']>[1]) => ann.offers.requestPayment(offer, data)
  await expect(request({ amount: euro(12_001) })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  await expect(request({ amount: { minor: '1', currency: 'USD', exponent: 2 } })).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  await expect(ben.offers.requestPayment(offer)).rejects.toMatchObject({ code: 'offer/not-yours' })
  await ben.offers.cancel(offer, SENT)
  await offerOf(ann, ({ deals }) => deals[0]?.cancelBy === ben.address)
  await ann.offers.cancel(offer, SENT)
  await offerOf(ann, ({ deals }) => deals[0]?.state === 'cancelled')
  await expect(request({})).rejects.toMatchObject({ code: 'offer/not-open' })
  expect(bank.orders).toEqual([])
})

describe('what the rail books', () => {
  test('counts also where the payer reports it at the same moment', async () => {
    const { ann, ben, offer } = await deal()
    await ann.offers.requestPayment(offer, undefined, SENT)
    const request = await requested(ben)
    const reporting = ben.offers.reportPayment(offer, undefined, SENT).catch(({ code }) => code)
    bank.see(request)
    bank.pay(request)
    await offerOf(ben, paymentIs('paid'))
    // Whichever came first, one of the two was made again or is too late.
    expect([expect.objectContaining({ offer }), 'offer/not-open', 'offer/superseded']).toContainEqual(await reporting)
  })

  test('and is not the price pays for nothing, and is told', async () => {
    const { ann, ben, offer } = await deal()
    await ann.offers.requestPayment(offer, undefined, SENT)
    const events = listenTo<ClientEvent>((options) => ann.events(options))
    bank.pay(await requested(ben), '100')
    await events.until((event) => event.type === 'problem' && event.code === 'offer/bad-payment')
    expect(await ann.offers.get(offer)).toMatchObject({ deals: [{ payment: 'requested' }] })
    await events.stop()
  })

  test('expires without a word to the deal: another request takes its place', async () => {
    const { ann, ben, offer } = await deal()
    await ann.offers.requestPayment(offer, undefined, SENT)
    const first = await requested(ben)
    const events = listenTo<ClientEvent>((options) => ann.events(options))
    bank.expire(first)
    await events.until((event) => event.type === 'payment' && event.state === 'expired')
    await events.stop()
    await ann.offers.requestPayment(offer, undefined, SENT)
    const { deals } = await offerOf(ben, (one) => one.deals[0]?.request?.request !== first.requestId)
    bank.pay({ requestId: deals[0]?.request?.request ?? '' })
    await offerOf(ben, paymentIs('paid'))
  })
})

test('without an adapter people pay by hand: the payee says where, and that it came', async () => {
  const { ann, ben, offer } = await deal([])
  await ann.offers.requestPayment(offer, { uri: 'iban:DE00', reference: 'chairs', note: 'or cash' }, SENT)
  const { deals } = await offerOf(ben, paymentIs('requested'))
  expect(deals[0]?.request).toMatchObject({
    rail: 'manual',
    amount: euro(12_000),
    uri: 'iban:DE00',
    reference: 'chairs',
    note: 'or cash',
  })
  await ben.offers.reportPayment(offer, undefined, SENT)
  await offerOf(ann, paymentIs('submitted'))
  await ann.offers.confirmPayment(offer, undefined, SENT)
  await offerOf(ben, paymentIs('paid'))
})
