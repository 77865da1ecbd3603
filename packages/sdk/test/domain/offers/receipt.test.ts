import { describe, expect, test } from 'vitest'
import { verifyOfferReceipt } from '../../../src/domain/offers/verify-receipt.ts'
import {
  decodeOfferReceipt,
  encodeOfferReceipt,
  type OfferReceiptFile,
  type ReceiptStep,
} from '../../../src/protocol/offers/receipt-file.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { genesisLog, grow, owner, revokeDevice } from '../../identity/histories.ts'
import { testCrypto } from '../../support/crypto.ts'
import {
  ann,
  ben,
  draft,
  file,
  good,
  PLACES,
  type Place,
  people,
  proposed,
  relayKey,
  secondKey,
  stepsOf,
  T,
  toBen,
  way,
} from './receipt-support.ts'
import { DAY } from './support.ts'

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
  expect(verified.steps[0]?.relay).toBe(toHex(relayKey))
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

describe('what was changed is named (receipt-fields.test.ts changes everything)', () => {
  const step = good.steps[2] as ReceiptStep
  const withStep = (changes: Partial<ReceiptStep>): OfferReceiptFile => ({
    ...good,
    steps: good.steps.map((one) => (one === step ? { ...one, ...changes } : one)),
  })
  const inReceipt = (changes: Partial<ReceiptStep['receipt']>) => withStep({ receipt: { ...step.receipt, ...changes } })
  const entry = 'steps[2].epoch or steps[2].reference or steps[2].body'
  test.each<[string, OfferReceiptFile]>([
    ['steps[2].offer', withStep({ offer: flipped(step.offer) })],
    ['steps[2].relay', withStep({ relay: 1 })],
    [entry, withStep({ epoch: step.epoch + 1 })],
    [entry, withStep({ body: flipped(step.body) })],
    ['steps[2].salt', withStep({ salt: flipped(step.salt) })],
    ['steps[2].receipt', inReceipt({ time: step.receipt.time + 1 })],
    ['steps[2].receipt', inReceipt({ entry: flipped(step.receipt.entry) })],
    ['steps[2].receipt', inReceipt({ index: step.receipt.index - 1 })],
  ])('%s', (field, changed) => expect(verify(changed)).rejects.toEqual(bad(field, /./)))

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
    const relays = [flipped(relayKey)]
    await expect(verify({ ...good, relays })).rejects.toEqual(bad('relays[0]', /./))
    const more = [...good.relays, flipped(relayKey)]
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

  const key = toHex(relayKey)

  test('a time that runs backwards', () =>
    expect(at([place(1), place(5), place(9, T), place(12)])).rejects.toEqual(
      bad('steps[2].receipt', RegExp(`the time of the relay ${key} runs backwards`)),
    ))

  test('two entries for one place', () =>
    expect(at([place(1), place(5), place(5), place(12)])).rejects.toEqual(
      bad('steps[2].receipt', RegExp(`the relay ${key} signed two entries for one place`)),
    ))

  test('two histories', () =>
    expect(at([place(1), place(5), place(6), place(12)])).rejects.toEqual(
      bad('steps[2].receipt', RegExp(`the relay ${key} signed two histories`)),
    ))

  test('nobody is accused of what another relay signed', async () => {
    const steps = await stepsOf(way, [place(1), place(5), { ...place(5), at: 1, topic: 0 }, place(9)])
    const wrong = verify({ ...file, relays: [relayKey, secondKey], steps })
    await expect(wrong).rejects.toEqual(bad('steps[2].relay', /receipt of another relay/))
  })

  test('steps in another order than the topic’s', () =>
    expect(at([place(9), place(5), place(20), place(22)])).rejects.toEqual(bad('steps[1].receipt', /before/)))

  test('an acceptance after the offer expired', () =>
    expect(at([place(1), place(3), place(9, T + 2 * DAY * 1000), place(12, T + 3 * DAY * 1000)])).rejects.toEqual(
      bad('steps[2].offer', /expired/),
    ))
})

describe('receipts of several people beside each other', () => {
  const key = toHex(relayKey)
  const at = async (changes: Readonly<Record<number, Partial<Place>>>): Promise<OfferReceiptFile> => ({
    ...file,
    steps: await stepsOf(
      way,
      [4, 9, 20, 30].map((seq, i) => ({ seq, time: T + seq * 1000, ...changes[i] })),
    ),
  })
  const together = async (...files: readonly OfferReceiptFile[]) => {
    const [first, ...beside] = files.map(encodeOfferReceipt) as [Uint8Array, ...Uint8Array[]]
    // Each of them holds by itself.
    for (const one of [first, ...beside]) await verifyOfferReceipt(testCrypto, one)
    return verifyOfferReceipt(testCrypto, first, beside)
  }

  test('that tell one history hold, also where one of them ends sooner', async () => {
    const whole = await at({})
    const sooner = { ...whole, steps: whole.steps.slice(0, 3) }
    expect((await together(whole, whole, sooner)).deal.payment).toBe('paid')
    expect((await together(sooner, whole)).deal.payment).toBe('none')
  })

  test('another time at the same place is two entries, whoever shows it first', async () => {
    const [one, other] = [await at({}), await at({ 2: { time: T + 21_000 } })]
    const told = bad('beside[0].steps[2].receipt', RegExp(`the relay ${key} signed two entries for one place`))
    await expect(together(one, other)).rejects.toEqual(told)
    await expect(together(other, one)).rejects.toEqual(told)
  })

  test('a place that follows one of the other receipt continues it, and is not earlier', async () => {
    const one = await at({})
    const follows = await at({ 2: { seq: 21, time: T + 21_000 } })
    await expect(together(one, follows)).rejects.toEqual(
      bad('beside[0].steps[2].receipt', RegExp(`the relay ${key} signed two histories`)),
    )
    const earlier = await at({ 2: { seq: 22, time: T + 19_000 } })
    await expect(together(one, earlier)).rejects.toEqual(
      bad('beside[0].steps[2].receipt', RegExp(`the time of the relay ${key} runs backwards`)),
    )
  })

  test('one that does not hold is named', async () => {
    const broken = { ...good, relays: [flipped(relayKey)] }
    const wrong = verifyOfferReceipt(testCrypto, encodeOfferReceipt(good), [encodeOfferReceipt(broken)])
    await expect(wrong).rejects.toEqual(bad('beside[0].relays[0]', /no receipt/))
  })
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
