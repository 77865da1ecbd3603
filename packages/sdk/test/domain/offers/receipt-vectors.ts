import { verifyOfferReceipt } from '../../../src/domain/offers/verify-receipt.ts'
import { isDchatError } from '../../../src/errors.ts'
import {
  encodeOfferReceipt,
  type OfferReceiptFile,
  type ReceiptStep,
} from '../../../src/protocol/offers/receipt-file.ts'
import { decodeCbor, encodeCbor } from '../../../src/protocol/wire/cbor.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { genesisLog, grow, owner, revokeDevice } from '../../identity/histories.ts'
import { testCrypto } from '../../support/crypto.ts'
import {
  ann,
  ben,
  draft,
  file,
  good,
  moved,
  PLACES,
  people,
  proposed,
  relayKey,
  stepsOf,
  T,
  toBen,
  way,
} from './receipt-support.ts'
import { DAY } from './support.ts'

const flipped = (bytes: Uint8Array): Uint8Array => {
  const out = bytes.slice()
  out[out.length - 1] = (out[out.length - 1] as number) ^ 1
  return out
}

/** Whole receipts with what they prove, and others with the field that does not hold. */
export const receiptVectors = async () => {
  const since = { ...ben, log: grow(ben.log, owner('ben'), revokeDevice('ben/1')) }
  const whole: Readonly<Record<string, OfferReceiptFile>> = {
    'a counter, an acceptance and a payment': good,
    'a device that was revoked since': { ...good, people: people(ann, since) },
    'a conversation that moved to another relay': moved,
    'agreed and nothing more': { ...good, steps: good.steps.slice(0, 3) },
  }
  const valid = []
  for (const [name, one] of Object.entries(whole)) {
    const encoded = encodeOfferReceipt(one)
    const { terms, deal, parties, steps } = await verifyOfferReceipt(testCrypto, encoded)
    valid.push({
      name,
      encoded: toHex(encoded),
      says: {
        total: terms.price.total,
        parties,
        deal: { id: deal.id, state: deal.state, payment: deal.payment, agreedAt: deal.agreedAt },
        steps: steps.map(({ event, acceptedAt, relay, revoked }) => ({
          type: event.type,
          author: event.author,
          acceptedAt,
          relay,
          revoked,
        })),
      },
    })
  }
  return { relayKey: toHex(relayKey), valid, invalid: await faults() }
}

const faults = async () => {
  const step = good.steps[2] as ReceiptStep
  const withStep = (changes: Partial<ReceiptStep>): OfferReceiptFile => ({
    ...good,
    steps: good.steps.map((one) => (one === step ? { ...one, ...changes } : one)),
  })
  const inReceipt = (changes: Partial<ReceiptStep['receipt']>) => withStep({ receipt: { ...step.receipt, ...changes } })
  const placed = async (...places: readonly (readonly [seq: number, time?: number])[]) => ({
    ...file,
    steps: await stepsOf(
      way,
      places.map(([seq, time = T + seq * 1000]) => ({ seq, time })),
    ),
  })
  const [first, second] = good.people as [OfferReceiptFile['people'][0], OfferReceiptFile['people'][0]]
  const cid = { name: 'cid', log: genesisLog(owner('cid')) }
  const late = await draft(ben, 'accept', proposed)
  const elsewhere = await draft(ann, 'propose', undefined, { terms: toBen(), thread: '11'.repeat(16) })
  const five = [...PLACES, { seq: 32, time: T + 32_000 }].map((place, i) => ({
    ...place,
    seq: [4, 9, 12, 30, 32][i] as number,
  }))
  const broken: Readonly<Record<string, OfferReceiptFile>> = {
    'another deal': { ...good, deal: flipped(good.deal) },
    'a deal that was never made': { ...good, deal: good.steps[0]?.salt ? new Uint8Array(32) : good.deal },
    'people in another order': { ...good, people: [second, first] },
    'a changed identity log': {
      ...good,
      people: [{ ...first, log: [first.log[0] as Uint8Array, flipped(first.log[1] as Uint8Array)] }, second],
    },
    'a log of somebody else': { ...good, people: [{ ...first, log: second.log }, second] },
    'a device that is not certified': { ...good, people: [{ ...first, log: first.log.slice(0, 1) }, second] },
    'a person without a step': { ...good, people: people(ann, ben, cid) },
    'another relay': { ...good, relays: [flipped(relayKey)] },
    'a relay without a step': { ...good, relays: [...good.relays, flipped(relayKey)] },
    'another key of one of two relays': { ...moved, relays: [flipped(relayKey), moved.relays[1] as Uint8Array] },
    'the key of a relay with one step': {
      ...moved,
      steps: await stepsOf(way, [...PLACES.slice(0, 3), { seq: 2, time: T, at: 1 }]),
      relays: [relayKey, flipped(relayKey)],
    },
    'the other relay': { ...moved, steps: moved.steps.map((one, i) => (i === 1 ? { ...one, relay: 1 } : one)) },
    'two relays for one topic': {
      ...moved,
      steps: await stepsOf(
        way,
        PLACES.map((place, i) => ({ ...place, at: i < 2 ? 0 : 1, topic: 0 })),
      ),
    },
    'somebody else’s address': { ...good, people: [{ ...first, address: cid.log.address }, second] },
    'a changed event': withStep({ offer: flipped(step.offer) }),
    'a relay that is not there': withStep({ relay: 1 }),
    'another epoch': withStep({ epoch: step.epoch + 1 }),
    'another reference': withStep({ reference: flipped(step.reference) }),
    'a changed body': withStep({ body: flipped(step.body) }),
    'another salt': withStep({ salt: flipped(step.salt) }),
    'another topic': inReceipt({ topic: flipped(step.receipt.topic) }),
    'another place': inReceipt({ seq: step.receipt.seq + 1 }),
    'another head before': inReceipt({ previous: flipped(step.receipt.previous) }),
    'another entry': inReceipt({ entry: flipped(step.receipt.entry) }),
    'a commit': inReceipt({ kind: 'commit' }),
    'another time': inReceipt({ time: step.receipt.time + 1 }),
    'another leaf': inReceipt({ index: step.receipt.index - 1 }),
    'another size': inReceipt({ size: step.receipt.size + 1 }),
    'a path too long': inReceipt({ path: [...step.receipt.path, new Uint8Array(32)] }),
    'another path': inReceipt({ path: step.receipt.path.toSpliced(1, 1, new Uint8Array(32)) }),
    'a signature of nobody': inReceipt({ signature: flipped(step.receipt.signature) }),
    'a time that runs backwards': await placed([1], [5], [9, T], [12]),
    'two entries for one place': await placed([1], [5], [5], [12]),
    'two histories': await placed([1], [5], [6], [12]),
    'another order than the topic’s': await placed([9], [5], [20], [22]),
    'an acceptance after the offer expired': await placed([1], [3], [9, T + 2 * DAY * 1000], [12, T + 3 * DAY * 1000]),
    'a step that never counted': { ...file, steps: await stepsOf([...way, late], five) },
    'a step of another thread': { ...file, steps: await stepsOf([...way, elsewhere], five) },
    'nothing agreed': { ...good, steps: good.steps.slice(0, 2) },
  }
  const list: { name: string; encoded: string; field: string }[] = []
  const refuse = async (name: string, encoded: Uint8Array) => {
    const error: unknown = await verifyOfferReceipt(testCrypto, encoded).then(
      () => undefined,
      (failure: unknown) => failure,
    )
    if (!isDchatError(error, 'offer/bad-receipt')) throw new Error(`${name} holds`)
    list.push({ name, encoded: toHex(encoded), field: error.details.field })
  }
  for (const [name, one] of Object.entries(broken)) await refuse(name, encodeOfferReceipt(one))
  const value = decodeCbor(encodeOfferReceipt(good), 'vector') as Record<string, never>
  await refuse('an unknown field', encodeCbor({ ...value, more: 1 }))
  await refuse('another format', encodeCbor({ ...value, format: 'receipt' }))
  await refuse('another version', encodeCbor({ ...value, v: 2 }))
  await refuse('bytes behind it', new Uint8Array([...encodeOfferReceipt(good), 0]))
  return list
}
