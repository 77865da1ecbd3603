import { encodedLog } from '../../../src/protocol/identity/log.ts'
import { offerCommitment } from '../../../src/protocol/offers/commitment.ts'
import { encodeSignedOffer, type OfferDraft, type SignedOfferEvent } from '../../../src/protocol/offers/event.ts'
import type { OfferReceiptFile, ReceiptStep } from '../../../src/protocol/offers/receipt-file.ts'
import { signOffer } from '../../../src/protocol/offers/sign.ts'
import { entryHash, type HeadStep, ZERO_HEAD } from '../../../src/protocol/topic/entry.ts'
import { issueReceipts, verifyReceipt } from '../../../src/protocol/topic/receipt.ts'
import type { Receipt } from '../../../src/protocol/wire/methods.ts'
import type { ConversationId } from '../../../src/records/ids.ts'
import { concat, fromHex, toHex } from '../../../src/util/bytes.ts'
import { addDevice, deviceKey, genesisLog, grow, owner, seedOf } from '../../identity/histories.ts'
import { testCrypto } from '../../support/crypto.ts'
import { terms } from './support.ts'

/** Relays whose receipts stand in the files. */
const SEEDS = [4, 5].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]
export const [relayKey, secondKey] = (await Promise.all(SEEDS.map((seed) => testCrypto.ed25519.publicKey(seed)))) as [
  Uint8Array,
  Uint8Array,
]
export const [ann, ben] = ['ann', 'ben'].map((name) => ({
  name,
  log: grow(genesisLog(owner(name)), owner(name), addDevice(`${name}/1`)),
})) as [Person, Person]
export type Person = { readonly name: string; readonly log: ReturnType<typeof genesisLog> }

export const draft = (by: Person, type: OfferDraft['type'], prev?: SignedOfferEvent, rest: Partial<OfferDraft> = {}) =>
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

const TOPICS = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]
export interface Place {
  readonly seq: number
  readonly time: number
  /** The first relay with its topic, or the second with its own. */
  readonly at?: 0 | 1
  /** Of which of the two; default: of its own. */
  readonly topic?: 0 | 1
}

/** Entries that one signature of the relay covers, for the first step, the second …; the step is the last but one. */
const BATCHES = [1, 2, 5, 7]

/** A receipt as it comes out of a group commit with entries of other topics. */
const issued = async (step: HeadStep, { at = 0 }: Pick<Place, 'at'>, count: number): Promise<Receipt> => {
  const others = Array.from(
    { length: count - 1 },
    (_, i): HeadStep => ({ ...step, topic: new Uint8Array(32).fill(100 + i) }),
  )
  const index = Math.max(0, count - 2)
  const key = [relayKey, secondKey][at] as Uint8Array
  const receipts = await issueReceipts(others.toSpliced(index, 0, step), key, (message) =>
    testCrypto.ed25519.sign(SEEDS[at], message),
  )
  return receipts[index] as Receipt
}

/** What a relay would have signed for these events, with other entries of the topic between them. */
export const stepsOf = async (
  events: readonly SignedOfferEvent[],
  places: readonly Place[],
): Promise<ReceiptStep[]> => {
  const steps: ReceiptStep[] = []
  for (const [i, signed] of events.entries()) {
    const { seq, time, at = 0, topic: of = at } = places[i] as Place
    const salt = new Uint8Array(16).fill(i)
    const body = concat(offerCommitment(signed.event.id, salt), new Uint8Array(224).fill(7))
    const [epoch, reference] = [3, new Uint8Array(16).fill(i)]
    const topic = TOPICS[of]
    const entry = entryHash({ topic, kind: 'application', epoch, reference, body })
    const previous = seq === 1 ? ZERO_HEAD : new Uint8Array(32).fill(seq)
    const head: HeadStep = { topic, seq, previous, entry, kind: 'application', time }
    const receipt = await issued(head, { at }, BATCHES[i % BATCHES.length] as number)
    steps.push({ offer: encodeSignedOffer(signed), relay: at, epoch, reference, body, salt, receipt })
  }
  return steps
}

export const people = (...all: readonly Person[]): OfferReceiptFile['people'] =>
  all
    .map(({ log }) => ({ address: log.address, log: encodedLog(log) }))
    .sort((a, b) => (a.address < b.address ? -1 : 1))

export const toBen = (amount = '10000') => terms({ parties: [ben.log.address] }, amount)
export const proposed = await draft(ann, 'propose', undefined, { terms: toBen() })
const countered = await draft(ben, 'counter', proposed, { terms: terms({ parties: [ann.log.address] }, '8000') })
const accepted = await draft(ann, 'accept', countered)
const paid = await draft(ann, 'pay_confirmed', accepted)
export const way = [proposed, countered, accepted, paid]
export const T = 1_790_000_000_000
export const PLACES = [4, 9, 10, 30].map((seq) => ({ seq, time: T + seq * 1000 }))

export const file: OfferReceiptFile = {
  deal: fromHex(accepted.event.id) as Uint8Array,
  people: people(ann, ben),
  relays: [relayKey],
  steps: await stepsOf(way, PLACES),
}

// The head that a relay signed for place 9 is what place 10 continues.
const chained = async (): Promise<OfferReceiptFile> => {
  const steps = [...file.steps]
  const [nine, ten] = [steps[1], steps[2]] as [ReceiptStep, ReceiptStep]
  const previous = await verifyReceipt(testCrypto, relayKey, nine.receipt)
  steps[2] = { ...ten, receipt: await issued({ ...ten.receipt, previous }, {}, BATCHES[2] as number) }
  return { ...file, steps }
}
export const good = await chained()

/** The conversation moved to another relay after the counter: places and times of the two have nothing to do with each other. */
export const moved: OfferReceiptFile = {
  ...file,
  relays: [relayKey, secondKey],
  steps: await stepsOf(
    way,
    PLACES.map((place, i) => (i < 2 ? place : { seq: i * 2, time: T + i * 1000, at: 1 })),
  ),
}
