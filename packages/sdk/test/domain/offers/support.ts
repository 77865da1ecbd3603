import type { PlacedEvent } from '../../../src/domain/offers/thread.ts'
import { createIdentity } from '../../../src/index.ts'
import { type OfferDraft, readOfferBody, writeOfferBody } from '../../../src/protocol/offers/event.ts'
import type { Address, ConversationId } from '../../../src/records/ids.ts'
import type { OfferEvent, OfferEventType, Terms } from '../../../src/records/offer.ts'

const addressFrom = (seed: number): Address =>
  createIdentity({ random: (length) => new Uint8Array(length).fill(seed) }).address

export const [ANN, BEN, CID, DEE] = [1, 2, 3, 4].map(addressFrom) as [Address, Address, Address, Address]
export const T0 = 1_790_000_000_000
export const DAY = 86_400

export const euro = (minor: string) => ({ minor, currency: 'EUR', exponent: 2 })

/** A sound offer to one person; the amount tells revisions apart. */
export const terms = (changes: Partial<Terms> = {}, amount = '10000'): Terms => ({
  role: 'sell',
  items: [{ id: 'a', title: 'A bicycle', quantity: 1 }],
  price: { total: euro(amount), lines: [{ kind: 'goods', amount: euro(amount) }] },
  expiresIn: DAY,
  revocable: true,
  parties: [BEN],
  takers: 1,
  ...changes,
})

const DEVICES = new Map<Address, string>([ANN, BEN, CID, DEE].map((address, i) => [address, `${i}`.repeat(64)]))
let nonce = 0

/** An event as its author would write it, through the bytes and back. */
export const event = (
  author: Address,
  type: OfferEventType,
  prev: OfferEvent | undefined,
  rest: Partial<OfferDraft> = {},
): OfferEvent => {
  nonce += 1
  const draft: OfferDraft = {
    conversation: 'c1' as ConversationId,
    thread: prev?.thread ?? '00'.repeat(16),
    type,
    seq: prev === undefined ? 0 : prev.seq + 1,
    author,
    device: DEVICES.get(author) as string,
    at: nonce,
    ...(prev === undefined ? {} : { prev: prev.id }),
    ...((type === 'accept' || type === 'commit') && prev?.termsHash !== undefined ? { termsHash: prev.termsHash } : {}),
    ...rest,
  }
  return readOfferBody(writeOfferBody(draft))
}

/** Events at places 1, 2, 3 …, a second apart. */
export const placed = (...events: readonly OfferEvent[]): PlacedEvent[] =>
  events.map((one, i) => ({ event: one, place: i + 1, acceptedAt: T0 + i * 1000 }))
