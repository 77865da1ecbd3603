import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Client, ConversationId, Offer, OfferStep } from '../../../src/index.ts'
import type { TestRelay } from '../host/host.ts'
import { member } from '../life-support.ts'
import { testRelay } from '../support.ts'

/** `npm run soak --only accepts` takes 100 people with 10 offers each. */
const PEOPLE = Number(process.env.DCHAT_ACCEPTS_PEOPLE ?? 20)
const EACH = Number(process.env.DCHAT_ACCEPTS_EACH ?? 5)
const SEED = Number(process.env.DCHAT_ACCEPTS_SEED ?? 1)
/** ms */
const PATIENCE = 60_000 + PEOPLE * EACH * 600
const SENT = { wait: 'sent', timeout: PATIENCE } as const

let relay: TestRelay
const open: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await relay.close()
})

/** A signal that very many listen to is a leak, or looks like one. */
const warnings: string[] = []
const warned = ({ name }: Error) => warnings.push(name)
beforeEach(() => void process.on('warning', warned))
afterEach(() => void process.off('warning', warned))

const all = PEOPLE * EACH
/** Between a third and two thirds of what is asked for. */
const STOCK = Math.floor(all / 3) + ((SEED * 7919) % Math.max(1, Math.floor(all / 3)))

const settled = async (client: Client, count: number): Promise<readonly Offer[]> => {
  const last = new Map<string, Offer>()
  for await (const offer of client.offers.stream({ signal: AbortSignal.timeout(PATIENCE) })) {
    last.set(offer.id, offer)
    const done = [...last.values()].filter(({ deals }) => deals[0] !== undefined && deals[0].state !== 'pending')
    if (done.length === count) return done
  }
  throw new Error('the stream ended')
}

test(
  `${all} acceptances at once by ${PEOPLE} people never get more than the stock, over a seller that is cut off`,
  async () => {
    const seller = await member(relay)
    let ann = seller.client
    await ann.connect()
    const buyers: { readonly client: Client; readonly chat: ConversationId; readonly made: OfferStep[] }[] = []
    for (let i = 0; i < PEOPLE; i += 1) {
      const { client } = await member(relay)
      open.push(client)
      await client.connect()
      const { id: chat } = await ann.conversations.dm(client.address)
      buyers.push({ client, chat, made: [] })
    }
    const item = { title: 'Ticket', unitPrice: { minor: '900', currency: 'EUR', exponent: 2 }, stock: STOCK }
    const { id } = await ann.listings.create({ title: 'Concert', items: [item] })
    const terms = await ann.listings.terms(id)
    await Promise.all(
      buyers.map(async ({ chat, made }) => {
        for (let i = 0; i < EACH; i += 1) made.push(await ann.offers.make(chat, terms, SENT))
      }),
    )
    await Promise.all(
      buyers.map(async ({ client, made }) => {
        const wanted = new Set(made.map(({ offer }) => offer))
        for await (const offer of client.offers.stream({ signal: AbortSignal.timeout(PATIENCE) })) {
          wanted.delete(offer.id)
          if (wanted.size === 0) return
        }
      }),
    )
    const accepting = Promise.all(
      buyers.flatMap(({ client, made }) => made.map(({ offer }) => client.offers.accept(offer, SENT))),
    )
    // The seller goes in the middle, and comes back with what it had stored.
    for await (const { left } of ann.listings.stream({ signal: AbortSignal.timeout(PATIENCE) }))
      if ((left[0]?.reserved ?? 0) + (left[0]?.sold ?? 0) >= STOCK / 2) break
    await seller.client.close()
    await accepting
    ann = await seller.again()
    open.push(ann)
    await ann.connect()
    const seen = (await Promise.all(buyers.map(({ client }) => settled(client, EACH)))).flat()
    const agreed = seen.filter(({ deals }) => deals[0]?.state === 'agreed')
    const rejected = seen.filter(({ deals }) => deals[0]?.reason === 'out_of_stock')
    expect(agreed).toHaveLength(STOCK)
    expect(rejected).toHaveLength(all - STOCK)
    // Each of them was told what is left.
    expect(new Set(rejected.map(({ available }) => available))).toEqual(new Set([0]))
    await settled(ann, all)
    expect((await ann.listings.get(id))?.left).toEqual([
      { id: '1', stock: STOCK, reserved: 0, sold: STOCK, available: 0 },
    ])
    expect(warnings).not.toContain('MaxListenersExceededWarning')
  },
  PATIENCE * 3,
)
