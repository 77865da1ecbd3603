import { describe, expect, test } from 'vitest'
import { verifyOfferReceipt } from '../../../src/domain/offers/verify-receipt.ts'
import { encodedLog } from '../../../src/protocol/identity/log.ts'
import { offerCommitment } from '../../../src/protocol/offers/commitment.ts'
import { encodeSignedOffer, type OfferDraft, type SignedOfferEvent } from '../../../src/protocol/offers/event.ts'
import {
  decodeOfferReceipt,
  encodeOfferReceipt,
  type OfferReceiptFile,
  type ReceiptStep,
} from '../../../src/protocol/offers/receipt-file.ts'
import { signOffer } from '../../../src/protocol/offers/sign.ts'
import { entryHash, ZERO_HEAD } from '../../../src/protocol/topic/entry.ts'
import { issueReceipts, verifyReceipt } from '../../../src/protocol/topic/receipt.ts'
import type { ConversationId } from '../../../src/records/ids.ts'
import { concat, fromHex, toHex } from '../../../src/util/bytes.ts'
import { addDevice, deviceKey, genesisLog, grow, owner, revokeDevice, seedOf } from '../../identity/histories.ts'
import { testCrypto } from '../../support/crypto.ts'
import { DAY, terms } from './support.ts'

const RELAY_SEED = new Uint8Array(32).fill(4)
const relayKey = await testCrypto.ed25519.publicKey(RELAY_SEED)
const [ann, ben] = ['ann', 'ben'].map((name) => ({
  name,
  log: grow(genesisLog(owner(name)), owner(name), addDevice(`${name}/1`)),
})) as [Person, Person]
type Person = { readonly name: string; readonly log: ReturnType<typeof genesisLog> }

const draft = (by: Person, type: OfferDraft['type'], prev?: SignedOfferEvent, rest: Partial<OfferDraft> = {}) =>
  signOffer(testCrypto, seedOf(`device/${by.name}/1`), {
    conversation: 'c1' as ConversationId,
    thread: '00'.repeat(16),
    type,
    seq: prev === undefined ? 0 : prev.event.seq + 1,
    author: by.log.address,
    device: toHex(deviceKey(`${by.name}/1`)),
    at: 5,
    ...(prev === undefined ? {} : { prev: prev.event.id }),
    ...(type === 'accept' ? { termsHash: prev?.event.termsHash as string } : {}),
    ...rest,
  })

const TOPIC = new Uint8Array(32).fill(1)
interface Place {
  readonly seq: number
  readonly time: number
}

/** What a relay would have signed for these events, with other entries of the topic between them. */
const stepsOf = async (events: readonly SignedOfferEvent[], places: readonly Place[]): Promise<ReceiptStep[]> => {
  const steps: ReceiptStep[] = []
  for (const [i, signed] of events.entries()) {
    const { seq, time } = places[i] as Place
    const salt = new Uint8Array(16).fill(i)
    const body = concat(offerCommitment(signed.event.id, salt), new Uint8Array(991).fill(7))
    const [epoch, reference] = [3, new Uint8Array(16).fill(i)]
    const entry = entryHash({ topic: TOPIC, kind: 'application', epoch, reference, body })
    const previous = seq === 1 ? ZERO_HEAD : new Uint8Array(32).fill(seq)
    const [receipt] = await issueReceipts(
      [{ topic: TOPIC, seq, previous, entry, kind: 'application', time }],
      relayKey,
      (message) => testCrypto.ed25519.sign(RELAY_SEED, message),
    )
    steps.push({ offer: encodeSignedOffer(signed), relay: 0, epoch, reference, body, salt, receipt: receipt as never })
  }
  return steps
}

const people = (...all: readonly Person[]): OfferReceiptFile['people'] =>
  all
    .map(({ log }) => ({ address: log.address, log: encodedLog(log) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1))

const toBen = (amount = '10000') => terms({ parties: [ben.log.address] }, amount)
const proposed = await draft(ann, 'propose', undefined, { terms: toBen() })
const countered = await draft(ben, 'counter', proposed, { terms: terms({ parties: [ann.log.address] }, '8000') })
const accepted = await draft(ann, 'accept', countered)
const paid = await draft(ann, 'pay_confirmed', accepted)
const way = [proposed, countered, accepted, paid]
const T = 1_790_000_000_000
const PLACES = [4, 9, 10, 30].map((seq) => ({ seq, time: T + seq * 1000 }))

const file: OfferReceiptFile = {
  deal: fromHex(accepted.event.id) as Uint8Array,
  people: people(ann, ben),
  relays: [{ key: relayKey, url: 'wss://relay.example' }],
  steps: await stepsOf(way, PLACES),
}

// The head that a relay signed for place 9 is what place 10 continues.
const chained = async (): Promise<OfferReceiptFile> => {
  const steps = [...file.steps]
  const [nine, ten] = [steps[1], steps[2]] as [ReceiptStep, ReceiptStep]
  const previous = await verifyReceipt(testCrypto, relayKey, nine.receipt)
  const { seq, time, entry, kind } = ten.receipt
  const [receipt] = await issueReceipts([{ topic: TOPIC, seq, previous, entry, kind, time }], relayKey, (message) =>
    testCrypto.ed25519.sign(RELAY_SEED, message),
  )
  steps[2] = { ...ten, receipt: receipt as never }
  return { ...file, steps }
}
const good = await chained()
const verify = (changed: OfferReceiptFile) => verifyOfferReceipt(testCrypto, encodeOfferReceipt(changed))
const bad = (field: string, reason: RegExp) =>
  expect.objectContaining({
    code: 'offer/bad-receipt',
    details: { field, reason: expect.stringMatching(reason) },
  })

test('a receipt says what was agreed, by whom, when, and by whose word', async () => {
  const verified = await verify(good)
  expect(verified.terms.price.total.minor).toBe('8000')
  expect(verified.parties).toEqual([ann.log.address, ben.log.address])
  expect(verified.deal).toMatchObject({ state: 'agreed', payment: 'paid' })
  expect(verified.steps.map(({ acceptedAt }) => acceptedAt)).toEqual(PLACES.map(({ time }) => time))
  expect(verified.steps[0]?.relay).toEqual({ key: toHex(relayKey), url: 'wss://relay.example' })
})

test('it is written again to equal bytes', () => {
  const encoded = encodeOfferReceipt(good)
  expect(encodeOfferReceipt(decodeOfferReceipt(encoded))).toEqual(encoded)
})

const flipped = (bytes: Uint8Array, at = bytes.length - 1): Uint8Array => {
  const out = bytes.slice()
  out[at] = (out[at] as number) ^ 1
  return out
}
const other = (value: unknown): unknown =>
  value instanceof Uint8Array ? flipped(value) : typeof value === 'number' ? value + 1 : `${value}x`

describe('every change of a single field is named', () => {
  const step = good.steps[2] as ReceiptStep
  const withStep = (changes: Partial<ReceiptStep>): OfferReceiptFile => ({
    ...good,
    steps: good.steps.map((one) => (one === step ? { ...one, ...changes } : one)),
  })
  test.each(Object.keys(step).filter((field) => field !== 'receipt'))('steps[2].%s', async (field) => {
    const changed = withStep({ [field]: other(step[field as keyof ReceiptStep]) })
    const named = ['salt', 'body'].includes(field)
      ? /body|receipt/
      : ['epoch', 'reference'].includes(field)
        ? /receipt/
        : RegExp(field)
    await expect(verify(changed)).rejects.toMatchObject({
      code: 'offer/bad-receipt',
      details: { field: expect.stringMatching(`^steps\\[2\\]\\.(?:${named.source})$`) },
    })
  })

  test.each(Object.keys(step.receipt))('steps[2].receipt.%s', async (field) => {
    const value = step.receipt[field as keyof typeof step.receipt]
    const changed = field === 'kind' ? 'commit' : Array.isArray(value) ? [...value, new Uint8Array(32)] : other(value)
    const receipt = { ...step.receipt, [field]: changed } as ReceiptStep['receipt']
    await expect(verify(withStep({ receipt }))).rejects.toMatchObject({
      code: 'offer/bad-receipt',
      details: { field: expect.stringMatching(/^steps\[2\]\.receipt/) },
    })
  })

  test('a byte of any signed event, wherever it stands', async () => {
    for (let at = 0; at < step.offer.length; at += 7)
      await expect(verify(withStep({ offer: flipped(step.offer, at) }))).rejects.toMatchObject({
        code: 'offer/bad-receipt',
        details: { field: expect.stringMatching(/^steps\[2\]\./) },
      })
  })

  test('deal, people, relays', async () => {
    await expect(verify({ ...good, deal: flipped(good.deal) })).rejects.toEqual(bad('deal', /none/))
    const [first, second] = good.people as [OfferReceiptFile['people'][0], OfferReceiptFile['people'][0]]
    await expect(verify({ ...good, people: [second, first] })).rejects.toEqual(bad('people[1].address', /order/))
    const log = [first.log[0] as Uint8Array, flipped(first.log[1] as Uint8Array)]
    await expect(verify({ ...good, people: [{ ...first, log }, second] })).rejects.toEqual(bad('people[0].log', /./))
    const uncertified = [{ ...first, log: first.log.slice(0, 1) }, second]
    await expect(verify({ ...good, people: uncertified })).rejects.toMatchObject({
      details: { reason: 'its device is not certified by its author' },
    })
    const relays = [{ key: flipped(relayKey), url: 'wss://relay.example' }]
    await expect(verify({ ...good, relays })).rejects.toEqual(bad('steps[0].receipt', /./))
    const more = [...good.relays, { key: relayKey, url: 'wss://other.example' }]
    await expect(verify({ ...good, relays: more })).rejects.toEqual(bad('relays[1]', /no step/))
    const cid = { name: 'cid', log: genesisLog(owner('cid')) }
    await expect(verify({ ...good, people: people(ann, ben, cid) })).rejects.toMatchObject({
      details: { reason: 'no step is theirs' },
    })
  })
})

describe('what a relay must not sign is named', () => {
  const at = async (places: readonly Place[]) => verify({ ...file, steps: await stepsOf(way, places) })
  const place = (seq: number, time = T + seq * 1000): Place => ({ seq, time })

  test('a time that runs backwards', () =>
    expect(at([place(1), place(5), place(9, T), place(12)])).rejects.toEqual(bad('steps[2].receipt', /runs backwards/)))

  test('two entries for one place', () =>
    expect(at([place(1), place(5), place(5), place(12)])).rejects.toEqual(bad('steps[2].receipt', /two entries/)))

  test('two histories', () =>
    expect(at([place(1), place(5), place(6), place(12)])).rejects.toEqual(bad('steps[2].receipt', /two histories/)))

  test('steps in another order than the topic’s', () =>
    expect(at([place(9), place(5), place(20), place(22)])).rejects.toEqual(bad('steps[1].receipt', /before/)))

  test('an acceptance after the offer expired', () =>
    expect(at([place(1), place(3), place(9, T + 2 * DAY * 1000), place(12, T + 3 * DAY * 1000)])).rejects.toEqual(
      bad('steps[2].offer', /expired/),
    ))
})

test('an event that never counted, and one of another thread, have no place in it', async () => {
  const late = await draft(ben, 'accept', proposed)
  // With an entry of others between all of them.
  const places = [4, 9, 12, 30, 32].map((seq) => ({ seq, time: T + seq * 1000 }))
  const steps = await stepsOf([...way, late], places)
  await expect(verify({ ...file, steps })).rejects.toEqual(bad('steps[4].offer', /superseded/))
  const elsewhere = await draft(ann, 'propose', undefined, { terms: toBen(), thread: '11'.repeat(16) })
  const mixed = await stepsOf([...way, elsewhere], places)
  await expect(verify({ ...file, steps: mixed })).rejects.toEqual(bad('steps[4].offer', /another thread/))
})

test('a device that was revoked since is told', async () => {
  const since = { ...ben, log: grow(ben.log, owner('ben'), revokeDevice('ben/1')) }
  const verified = await verify({ ...good, people: people(ann, since) })
  expect(verified.steps.map(({ revoked }) => revoked)).toEqual([false, true, false, false])
})
