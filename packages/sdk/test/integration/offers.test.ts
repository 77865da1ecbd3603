import { afterEach, beforeEach, expect, test } from 'vitest'
import { host } from '#host'
import { putIntent } from '../../src/client/intents.ts'
import type { ConversationRecord, SelfRecord } from '../../src/client/records.ts'
import {
  type Client,
  type ConversationId,
  type Offer,
  receiptPage,
  type TermsDraft,
  verifyReceipt,
} from '../../src/index.ts'
import { composeOffer } from '../../src/protocol/content/compose-offer.ts'
import { roomUriOf, senderUriOf } from '../../src/protocol/content/message-id.ts'
import { encodeSignedOffer, type OfferDraft, type SignedOfferEvent } from '../../src/protocol/offers/event.ts'
import { signOffer } from '../../src/protocol/offers/sign.ts'
import { termsHash, termsValue } from '../../src/protocol/offers/terms.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import type { TestRelay } from './host/host.ts'
import { type Member, member } from './life-support.ts'
import { testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const
let relay: TestRelay
const open: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (): Promise<Member> => {
  const one = await member(relay)
  open.push(one.client)
  await one.client.connect()
  return one
}

const euro = (minor: number) => ({ minor: `${minor}`, currency: 'EUR', exponent: 2 })
const chairs: TermsDraft = { items: [{ title: 'Chair', quantity: 2, unitPrice: euro(6_000) }] }

/** The offer once it is as wanted. */
const offerOf = async (client: Client, wanted: (offer: Offer) => boolean): Promise<Offer> => {
  for await (const offer of client.offers.stream({ signal: AbortSignal.timeout(120_000) }))
    if (wanted(offer)) return offer
  throw new Error('the stream ended')
}

const pair = async () => {
  const ann = await join()
  const ben = await join()
  const chat = await ann.client.conversations.dm(ben.client.address)
  await chat.send('I sell two chairs', SENT)
  return { ann: ann.client, ben: ben.client, chat: chat.id, annMember: ann, benMember: ben }
}

const withHead = (head: string) => (offer: Offer) => offer.head === head

test('two people agree after three counters, and their receipts are the same bytes', async () => {
  const { ann, ben, chat } = await pair()
  const made = await ann.offers.make(chat, chairs, SENT)
  const first = await offerOf(ben, withHead(made.event))
  expect(first).toMatchObject({
    id: made.offer,
    state: 'open',
    author: ann.address,
    terms: { role: 'sell', takers: 1 },
  })
  expect(first.terms.price.total).toEqual(euro(12_000))
  let head = made.event
  for (const [who, other, amount] of [
    [ben, ann, 9_000],
    [ann, ben, 11_000],
    [ben, ann, 10_000],
  ] as const) {
    const step = await who.offers.counter(made.offer, { price: { total: euro(amount) } }, SENT)
    head = step.event
    const live = await offerOf(other, withHead(head))
    expect(live.terms.price.total).toEqual(euro(amount))
  }
  await ann.offers.accept(made.offer, { ...SENT, head })
  const agreed = await offerOf(ben, ({ deals }) => deals.length === 1)
  expect(agreed).toMatchObject({ state: 'taken', deals: [{ state: 'agreed', takers: [ben.address], payment: 'none' }] })
  expect(await ann.offers.get(made.offer)).toEqual(agreed)
  const [one, two] = [await ann.offers.receipt(made.offer), await ben.offers.receipt(made.offer)]
  expect(one).toEqual(two)
  const verified = await verifyReceipt(one)
  expect(verified.terms.price.total).toEqual(euro(10_000))
  expect(verified.steps.map(({ event }) => event.type)).toEqual(['propose', 'counter', 'counter', 'counter', 'accept'])

  await ann.offers.requestPayment(made.offer, { rail: 'manual', reference: 'chairs' }, SENT)
  await offerOf(ben, ({ deals }) => deals[0]?.payment === 'requested')
  await ben.offers.reportPayment(made.offer, undefined, SENT)
  await offerOf(ann, ({ deals }) => deals[0]?.payment === 'submitted')
  await ann.offers.confirmPayment(made.offer, undefined, SENT)
  await ann.offers.fulfil(made.offer, undefined, SENT)
  await offerOf(ben, ({ deals }) => deals[0]?.fulfilledBy.length === 1)
  await ben.offers.complete(made.offer, SENT)
  const completed = await offerOf(ann, ({ deals }) => deals[0]?.state === 'completed')
  expect(completed.deals[0]).toMatchObject({ payment: 'paid', state: 'completed' })
  expect(await ann.offers.receipt(made.offer)).toEqual(await ben.offers.receipt(made.offer))
  const messages = (await ben.messages.list(chat)).items
  expect(messages.filter(({ content }) => content.type === 'offer')).toHaveLength(10)
})

test('what a dishonest program sends is void for everybody and leaves no trace', async () => {
  const { ann, ben, chat, benMember } = await pair()
  const offer = await ann.offers.make(chat, chairs, SENT)
  await offerOf(ben, withHead(offer.event))
  const live = (await ben.offers.get(offer.offer)) as Offer
  await ben.close()
  const crypto = host.crypto()
  await benMember.store.write(async (tx) => {
    const self = (await tx.get<SelfRecord>('meta', 'self')) as SelfRecord
    const { active } = (await tx.get<ConversationRecord>('conversations', chat)) as { active: string }
    const accept: OfferDraft = {
      conversation: chat,
      thread: live.id,
      type: 'accept',
      seq: 1,
      prev: live.head,
      termsHash: toHex(termsHash(termsValue(live.terms))),
      author: ben.address,
      device: toHex(self.deviceKey),
      at: 0,
    }
    const mine = await signOffer(crypto, self.seed, accept)
    const send = async (signed: SignedOfferEvent, committed = true) => {
      const frame = {
        salt: crypto.random(16),
        senderUri: senderUriOf(ben.address),
        roomUri: roomUriOf(fromHex(active) as Uint8Array),
      }
      const offered = committed ? { offer: { event: signed.event.id, salts: [] } } : {}
      const bytes = composeOffer(encodeSignedOffer(signed), 'Offer: accepted', frame)
      await putIntent(tx, { crypto, self: { isRevoked: false } } as never, active, bytes, offered)
    }
    await send(mine, false)
    await send({ ...mine, signature: new Uint8Array(64) })
    await send(await signOffer(crypto, self.seed, { ...accept, author: ann.address }))
    await send(await signOffer(crypto, self.seed, { ...accept, device: 'ab'.repeat(32) }))
    await send(await signOffer(crypto, self.seed, { ...accept, conversation: 'other' as ConversationId }))
  })
  const reasons: string[] = []
  const events = ann.events({ signal: AbortSignal.timeout(120_000) })
  const told = (async () => {
    for await (const event of events) if (event.type === 'void' && reasons.push(event.reason) === 5) return
  })()
  const again = await benMember.again()
  open.push(again)
  await again.connect()
  await told
  expect(reasons).toEqual([
    expect.stringContaining('signature'),
    expect.stringContaining('another author'),
    expect.stringContaining('another author'),
    expect.stringContaining('another conversation'),
    expect.stringContaining('commit'),
  ])
  expect(await ann.offers.get(offer.offer)).toMatchObject({ state: 'open', deals: [], declined: [] })
  expect((await ann.messages.list(chat)).items.filter(({ content }) => content.type === 'offer')).toHaveLength(1)
})

test('an offer to a group is taken by the first, and the second is told', async () => {
  const [ann, ben, cid] = [await join(), await join(), await join()].map(({ client }) => client) as [
    Client,
    Client,
    Client,
  ]
  const chat = await ann.groups.create({ name: 'Market', people: [ben.address, cid.address] })
  for (const client of [ben, cid]) {
    for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
      if (state === 'invited') break
    await client.groups.accept(chat.id)
  }
  const { offer, event } = await ann.offers.make(chat.id, { ...chairs, text: 'First come, first served' }, SENT)
  for (const client of [ben, cid]) await offerOf(client, withHead(event))
  const key = { ...SENT, head: event, clientId: 'mine' }
  const outcomes = await Promise.allSettled([ben.offers.accept(offer, key), cid.offers.accept(offer, key)])
  const won = outcomes.filter(({ status }) => status === 'fulfilled')
  expect(won).toHaveLength(1)
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'offer/not-open', details: { offer, state: 'taken' } },
  })
  const taken = await offerOf(ann, ({ state }) => state === 'taken')
  expect(taken.deals).toHaveLength(1)
  const [winner] = outcomes[0]?.status === 'fulfilled' ? [ben] : [cid]
  expect(taken.deals[0]?.takers).toEqual([winner.address])
  // The same key again is the same step, and not a second one.
  expect(await winner.offers.accept(offer, key)).toMatchObject({ offer, type: 'accept' })
  expect(await ann.offers.receipt(offer)).toEqual(await winner.offers.receipt(offer))
  expect((await ann.offers.find(event.slice(0, 8)))?.head).toBe(event)
  expect(await ann.offers.find('zz')).toBeUndefined()
  const page = await receiptPage(await ann.offers.receipt(offer))
  expect(page).not.toMatch(/<script/i)
})

test('terms that nobody could take are refused where they are made', async () => {
  const { ann, chat } = await pair()
  const refused = (terms: TermsDraft) =>
    expect(ann.offers.make(chat, terms)).rejects.toMatchObject({ code: 'offer/bad-terms' })
  await refused({ items: [] })
  await refused({ items: [{ title: 'Chair' }] })
  await refused({ ...chairs, expiresIn: 60 })
  await refused({ ...chairs, price: { total: euro(1), lines: [{ kind: 'goods', amount: euro(2) }] } })
  await refused({ ...chairs, parties: [ann.address] })
  expect((await ann.offers.list()).items).toEqual([])
})

test('who answers by an offer alone is known by name', async () => {
  const { ann, ben, chat } = await pair()
  await ben.profiles.set({ name: 'Ben' })
  const made = await ann.offers.make(chat, chairs, SENT)
  await offerOf(ben, withHead(made.event))
  await ben.offers.accept(made.offer, SENT)
  await offerOf(ann, ({ deals }) => deals.length === 1)
  await expect.poll(async () => (await ann.contacts.person(ben.address)).profile?.name, { timeout: 90_000 }).toBe('Ben')
})
