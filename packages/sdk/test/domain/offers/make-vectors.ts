import { decide } from '../../../src/domain/offers/decide.ts'
import { step } from '../../../src/domain/offers/reduce.ts'
import type { OfferThread } from '../../../src/domain/offers/thread.ts'
import { isDchatError } from '../../../src/errors.ts'
import {
  decodeSignedOffer,
  encodeSignedOffer,
  offerEventId,
  writeOfferBody,
} from '../../../src/protocol/offers/event.ts'
import { signOffer } from '../../../src/protocol/offers/sign.ts'
import { termsValue } from '../../../src/protocol/offers/terms.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../../../src/protocol/wire/cbor.ts'
import type { ConversationId } from '../../../src/records/ids.ts'
import { OFFER_EVENTS, type OfferEvent, REASONS, SETTLEMENT_EVENTS, type Terms } from '../../../src/records/offer.ts'
import { concat, fromHex, toHex } from '../../../src/util/bytes.ts'
import { addDevice, deviceKey, genesisLog, grow, owner, seedOf } from '../../identity/histories.ts'
import { testCrypto } from '../../support/crypto.ts'
import { receiptVectors } from './receipt-vectors.ts'
import { ANN, BEN, CID, DEE, euro, T0, terms } from './support.ts'

/** The same numbers on every run. */
const dice = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 0x1_0000_0000
}

const THREAD = '0f'.repeat(16)
const CONVERSATION = 'c1' as ConversationId
const DEVICES = new Map([ANN, BEN, CID, DEE].map((address, i) => [address, `${i + 1}`.repeat(64)]))
const LISTING = { id: '11'.repeat(16), version: 1, seller: ANN, hash: '22'.repeat(32) }

// Events: what their bytes say, and what no reader takes

const signer = grow(genesisLog(owner('vector')), owner('vector'), addDevice('vector'))
const base = {
  conversation: CONVERSATION,
  thread: THREAD,
  author: signer.address,
  device: toHex(deviceKey('vector')),
  at: T0,
}
const WHOLE: Terms = terms({
  role: 'buy',
  items: [
    { id: 'a', title: 'A bicycle', quantity: 2, unitPrice: euro('4500'), attributes: { colour: 'red' } },
    { id: 'b', title: 'Schloß — 鍵', quantity: 1, unitPrice: euro('1000') },
  ],
  price: {
    total: euro('9500'),
    lines: [
      { kind: 'goods', amount: euro('10000') },
      { kind: 'discount', amount: euro('-1000'), label: 'for two' },
      { kind: 'shipping', amount: euro('500') },
    ],
  },
  delivery: { mode: 'ship', place: 'u33', from: T0, until: T0 + 1000 },
  payment: { rails: ['manual'], timing: 'after', moderator: CID, deadline: 86_400 },
  text: '**As seen.**',
  refund: 'Within 14 days.',
  attachments: [{ hash: '33'.repeat(32), size: 9, mediaType: 'image/png', name: 'bike.png' }],
  language: 'en',
})
const PREV = '44'.repeat(32)
const HASH = '55'.repeat(32)
const DRAFTS: Readonly<Record<string, Parameters<typeof writeOfferBody>[0]>> = {
  'a proposal': { ...base, type: 'propose', seq: 0, terms: terms() },
  'a proposal with every field': { ...base, type: 'propose', seq: 0, terms: WHOLE },
  'an amount beyond what a float holds': {
    ...base,
    type: 'propose',
    seq: 0,
    terms: terms({
      price: {
        total: { minor: '123456789012345678901234567890', currency: 'ETH', exponent: 18 },
        lines: [{ kind: 'goods', amount: { minor: '123456789012345678901234567890', currency: 'ETH', exponent: 18 } }],
      },
    }),
  },
  'a counter': { ...base, type: 'counter', seq: 1, prev: PREV, terms: terms() },
  'an acceptance': { ...base, type: 'accept', seq: 2, prev: PREV, termsHash: HASH },
  'a refusal with a reason': { ...base, type: 'decline', seq: 1, prev: PREV, reason: 'price_deviation' },
  'a request to pay': {
    ...base,
    type: 'pay_request',
    seq: 3,
    prev: PREV,
    data: { rail: 'manual', uri: 'https://pay.example/1', reference: 'R1', amount: euro('9500'), note: 'Thanks' },
  },
  'a decision': { ...base, type: 'resolve', seq: 5, prev: PREV, data: { outcome: 'split' } },
}

const plainEvent = ({ type, ...event }: OfferEvent) => ({
  ...event,
  type: typeof type === 'string' ? type : type.unknown,
})

const eventVectors = async () => {
  const sign = (body: Uint8Array) => testCrypto.ed25519.sign(seedOf('device/vector'), concatStatement(body))
  const concatStatement = (body: Uint8Array) =>
    concat(new TextEncoder().encode('dchat/offer/v1'), new Uint8Array(1), body)
  const valid = []
  for (const [name, draft] of Object.entries(DRAFTS)) {
    const signed = await signOffer(testCrypto, seedOf('device/vector'), draft)
    valid.push({ name, signed: toHex(encodeSignedOffer(signed)), id: signed.event.id, event: plainEvent(signed.event) })
  }
  const proposal = decodeCbor(writeOfferBody(DRAFTS['a proposal'] as never), 'vector') as Record<string, CborValue>
  const acceptance = decodeCbor(writeOfferBody(DRAFTS['an acceptance'] as never), 'vector') as Record<string, CborValue>
  const later = { ...proposal, type: 'barter', terms: undefined, termsHash: undefined, seq: 4, prev: fromHex(PREV) }
  const laterField = { ...acceptance, mood: 'glad' }
  for (const [name, value] of Object.entries({
    'a type of a later version': later,
    'a field of a later version': laterField,
  })) {
    const body = encodeCbor(value as CborValue)
    const encoded = encodeSignedOffer({ body, signature: await sign(body) })
    valid.push({
      name,
      signed: toHex(encoded),
      id: offerEventId(body),
      event: plainEvent(decodeSignedOffer(encoded).event),
    })
  }
  const withTerms = (changes: Record<string, unknown>) => {
    const given = { ...(termsValue(terms()) as Record<string, CborValue>), ...changes } as CborValue
    return { ...proposal, terms: given, termsHash: undefined }
  }
  const twoEuro = (a: string, b: string) => ({ total: euro(a), lines: [{ kind: 'goods', amount: euro(b) }] })
  const wrong: Record<string, Record<string, unknown>> = {
    'another version': { ...proposal, v: 2 },
    'no conversation': { ...proposal, conversation: '' },
    'a short thread id': { ...proposal, thread: new Uint8Array(15) },
    'a first event that answers something': { ...proposal, prev: fromHex(PREV) },
    'a proposal that is not the first event': { ...proposal, seq: 1, prev: fromHex(PREV) },
    'an acceptance that answers nothing': { ...acceptance, prev: undefined },
    'an acceptance of no terms': { ...acceptance, termsHash: undefined },
    'a refusal with a hash of terms': { ...acceptance, type: 'decline' },
    'a proposal without terms': { ...proposal, terms: undefined },
    'an acceptance with terms': { ...acceptance, terms: proposal.terms },
    'an author in capitals': { ...proposal, author: signer.address.toUpperCase() },
    'an unknown reason': { ...acceptance, reason: 'mood' },
    'a time with a sign': { ...proposal, at: -1 },
    'a chain that is too long': { ...acceptance, seq: 1001 },
    'hash of other terms': { ...proposal, termsHash: fromHex(HASH) },
  }
  const termFaults: Record<string, Record<string, unknown>> = {
    'a total that is not the sum': { price: twoEuro('10000', '9999') },
    'an amount with a leading zero': { price: twoEuro('010000', '010000') },
    'an amount of 31 digits': { price: twoEuro('1'.repeat(31), '1'.repeat(31)) },
    'a negative total': { price: { total: euro('-1'), lines: [{ kind: 'discount', amount: euro('-1') }] } },
    'a positive discount': {
      price: {
        total: euro('101'),
        lines: [
          { kind: 'goods', amount: euro('100') },
          { kind: 'discount', amount: euro('1') },
        ],
      },
    },
    'negative goods': { price: { total: euro('-1'), lines: [{ kind: 'goods', amount: euro('-1') }] } },
    'two currencies': {
      price: { total: euro('1'), lines: [{ kind: 'goods', amount: { minor: '1', currency: 'USD', exponent: 2 } }] },
    },
    'an exponent that the currency has not': {
      price: {
        total: { minor: '1', currency: 'JPY', exponent: 2 },
        lines: [{ kind: 'goods', amount: { minor: '1', currency: 'JPY', exponent: 2 } }],
      },
    },
    'goods that are not the items at their prices': {
      items: [{ id: 'a', title: 'A', quantity: 2, unitPrice: euro('4000') }],
    },
    'no items': { items: [] },
    'two items with one id': {
      items: [
        { id: 'a', title: 'A', quantity: 1 },
        { id: 'a', title: 'B', quantity: 1 },
      ],
    },
    'nothing of an item': { items: [{ id: 'a', title: 'A', quantity: 0 }] },
    'nine minutes': { expiresIn: 599 },
    'more than 30 days': { expiresIn: 2_592_001 },
    'a party twice': { parties: [BEN, BEN] },
    'more takers than parties': { parties: [BEN], takers: 2 },
    'a threshold above the parties': { parties: [BEN, CID], threshold: 3 },
    'a moderator who is a party': { payment: { rails: ['manual'], timing: 'on', moderator: BEN } },
    'a joint offer of a listing': {
      parties: [signer.address, BEN],
      threshold: 2,
      listing: { id: fromHex(LISTING.id), version: 1, seller: ANN, hash: fromHex(LISTING.hash) },
    },
    'a delivery that ends before it begins': { delivery: { mode: 'ship', from: 2, until: 1 } },
    'a text of more than 4 KiB of UTF-8': { text: 'é'.repeat(2049) },
  }
  const { termsHash } = await import('../../../src/protocol/offers/terms.ts')
  const invalid = []
  for (const [name, changes] of Object.entries(termFaults)) {
    const value = withTerms(changes)
    wrong[name] = { ...value, termsHash: termsHash(value.terms as CborValue) }
  }
  for (const [name, value] of Object.entries(wrong)) {
    const body = encodeCbor(value as CborValue)
    invalid.push({ name, signed: toHex(encodeSignedOffer({ body, signature: await sign(body) })) })
  }
  const good = await signOffer(testCrypto, seedOf('device/vector'), DRAFTS['a proposal'] as never)
  const unsorted = concat(new Uint8Array([0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x01]))
  invalid.push(
    {
      name: 'not the deterministic encoding',
      signed: toHex(encodeSignedOffer({ body: unsorted, signature: good.signature })),
    },
    { name: 'bytes behind it', signed: `${toHex(encodeSignedOffer(good))}00` },
  )
  const forged = good.signature.slice()
  forged[0] = (forged[0] as number) ^ 1
  return {
    valid,
    invalid: invalid.filter(({ signed, name }) => refuses(signed, name)),
    forged: [{ name: 'a signature of nobody', signed: toHex(encodeSignedOffer({ ...good, signature: forged })) }],
  }
}

const refuses = (signed: string, name: string): boolean => {
  try {
    decodeSignedOffer(fromHex(signed) as Uint8Array)
  } catch (error) {
    if (isDchatError(error)) return true
    throw error
  }
  throw new Error(`${name} is taken`)
}

// Threads: what becomes of each step

const OPENINGS: Readonly<Record<string, Partial<Terms>>> = {
  'between two': {},
  'not revocable, for ten minutes': { revocable: false, expiresIn: 600 },
  'a swap': { role: 'swap' },
  'a wish to buy': { role: 'buy' },
  'open to all': { parties: [] },
  'the first two of three': { parties: [BEN, CID, DEE], takers: 2 },
  'two of three sign': { parties: [ANN, BEN, CID], threshold: 2 },
  'three of three sign': { parties: [ANN, BEN, CID], threshold: 3 },
  'of a listing': { listing: LISTING },
  'of a listing, to the first two': { parties: [], takers: 2, listing: LISTING },
  'with a moderator': { payment: { rails: ['manual'], timing: 'after', moderator: DEE } },
  'of somebody else’s listing': { listing: { ...LISTING, seller: CID } },
  'a joint offer without its author': { parties: [BEN, CID], threshold: 2 },
}

const PEOPLE = [ANN, BEN, CID, DEE]
const PAUSES = [0, 0, 1_000, 1_000, 500_000, 600_000, 40_000_000, 86_400_000]

const STEPS = OFFER_EVENTS.filter((one) => one !== 'propose')
const BEFORE = ['counter', 'counter', 'accept', 'accept', 'decline', 'withdraw'] as const
const FINAL_OR_NOT = ['out_of_stock', 'changed', 'internal'] as const
const AFTER = [
  'commit',
  'reject_commit',
  'reject_commit',
  'reject_commit',
  'accept',
  'dispute',
  'resolve',
  'resolve',
  ...SETTLEMENT_EVENTS,
] as const

/** Steps that are tried; those that move on are liked better, so that threads get somewhere. */
const threadOf = (name: string, opening: Partial<Terms>, seed: number) => {
  const random = dice(seed)
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  let time = T0
  let thread: OfferThread | undefined
  const events: OfferEvent[] = []
  const steps: Record<string, unknown>[] = []
  const add = (draft: Parameters<typeof writeOfferBody>[0], acceptedAt: number) => {
    const body = writeOfferBody(draft)
    const event = decodeSignedOffer(encodeSignedOffer({ body, signature: new Uint8Array(64) })).event
    const result = step(thread, { event, place: steps.length + 1, acceptedAt })
    thread = result.thread
    events.push(event)
    const { decision } = result
    const outcome =
      decision.kind === 'refused'
        ? { refused: decision.reason, ...(decision.head === undefined ? {} : { head: decision.head }) }
        : { [decision.kind]: true }
    steps.push({ body: toHex(body), id: event.id, acceptedAt, outcome })
  }
  const by = (author: typeof ANN) => ({
    conversation: CONVERSATION,
    thread: THREAD,
    author,
    device: DEVICES.get(author) as string,
    at: events.length,
  })
  add({ ...by(ANN), type: 'propose', seq: 0, terms: terms(opening) }, time)
  const back = () => Math.min(events.length - 1, random() < 0.7 ? 0 : Math.floor(random() * 4))
  for (let i = 0; i < 14; i++) {
    let best: { draft: Parameters<typeof writeOfferBody>[0]; at: number } | undefined
    for (let t = 0; t < 12; t++) {
      const at = time + pick(PAUSES)
      const heads = (thread as OfferThread | undefined)?.deals.map(({ head }) => head) ?? []
      const likely = events.filter(({ id }) => heads.includes(id))
      const prev =
        likely.length > 0 && random() < 0.7 ? pick(likely) : (events[events.length - 1 - back()] as OfferEvent)
      const author = pick(PEOPLE)
      const type = pick(random() < 0.2 ? STEPS : heads.length > 0 ? AFTER : BEFORE)
      const hash = [...events].reverse().find(({ termsHash }) => termsHash !== undefined)?.termsHash as string
      const parties =
        opening.threshold === undefined
          ? [prev.author === author || prev.author === DEE ? ANN : prev.author]
          : opening.parties
      const extra =
        type === 'counter'
          ? { terms: terms({ ...opening, parties: parties as Terms['parties'], takers: 1 }, `${9000 - i}`) }
          : type === 'accept' || type === 'commit'
            ? { termsHash: random() < 0.9 ? hash : HASH }
            : {
                ...(random() < 0.5 ? { reason: pick(type === 'reject_commit' ? FINAL_OR_NOT : REASONS) } : {}),
                ...(type === 'resolve' && random() < 0.8
                  ? { data: { outcome: pick(['release', 'refund', 'split'] as const) } }
                  : {}),
              }
      const draft = { ...by(author), type, seq: prev.seq + 1, prev: prev.id, ...extra }
      best = { draft, at }
      const body = writeOfferBody(draft)
      const { event } = decodeSignedOffer(encodeSignedOffer({ body, signature: new Uint8Array(64) }))
      const { kind } = decide(thread, { event, place: 0, acceptedAt: at })
      if (kind === 'applied' || random() < 0.12) break
    }
    if (best === undefined) continue
    time = best.at
    add(best.draft, time)
  }
  return { name, steps, end: endOf(thread) }
}

const endOf = (thread: OfferThread | undefined) =>
  thread === undefined
    ? null
    : {
        state: thread.state,
        live: thread.revisions.at(-1)?.id,
        declined: thread.declined,
        signers: thread.signers.map(({ by }) => by),
        deals: thread.deals.map(({ id, state, payment, takers, head, agreedAt, outcome }) => ({
          id,
          state,
          payment,
          takers,
          head,
          ...(agreedAt === undefined ? {} : { agreedAt }),
          ...(outcome === undefined ? {} : { outcome }),
        })),
      }

type ThreadVector = ReturnType<typeof threadOf>

/** What a reader has to get right in it. */
const featuresOf = ({ name, steps, end }: ThreadVector): string[] => [
  name,
  ...steps.map(({ outcome }) => JSON.stringify(outcome).replace(/"head":"[^"]*"/, 'head')),
  ...(end === null ? [] : [end.state, ...end.deals.flatMap(({ state, payment }) => [state, `${state}/${payment}`])]),
]

/** Of very many threads the few that together show everything that any of them shows. */
const threadVectors = (): ThreadVector[] => {
  const pool = Object.entries(OPENINGS).flatMap(([name, opening], i) =>
    Array.from({ length: 40 }, (_, round) => threadOf(name, opening, 7919 * (i + 1) + round)),
  )
  const features = new Map(pool.map((thread) => [thread, new Set(featuresOf(thread))]))
  const seen = new Set<string>()
  const chosen: ThreadVector[] = []
  while (true) {
    const gain = (thread: ThreadVector) => [...(features.get(thread) ?? [])].filter((one) => !seen.has(one)).length
    const best = pool.reduce((a, b) => (gain(b) > gain(a) ? b : a))
    if (gain(best) === 0) return chosen.map((thread, i) => ({ ...thread, name: `${i + 1}: ${thread.name}` }))
    chosen.push(best)
    for (const feature of featuresOf(best)) seen.add(feature)
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

export const makeVectors = async (): Promise<Readonly<Record<string, string>>> => ({
  'events.json': json(await eventVectors()),
  'threads.json': json(threadVectors()),
  'receipts.json': json(await receiptVectors()),
})
