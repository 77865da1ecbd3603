import type { IdentityLog } from '../../protocol/identity/log.ts'
import { encodeOfferReceipt, type ReceiptStep } from '../../protocol/offers/receipt-file.ts'
import type { Address } from '../../records/ids.ts'
import type { OfferEvent, OfferEventId } from '../../records/offer.ts'
import { equalBytes, fromHex } from '../../util/bytes.ts'
import type { Deal, OfferThread } from './thread.ts'

/** A step that counted, with what proves it. */
export interface ProvenStep extends Omit<ReceiptStep, 'relay'> {
  readonly event: OfferEvent
  readonly hub: { readonly key: Uint8Array }
}

/**
 * The steps that a deal rests on, in their order: the terms up to those that were accepted, the acceptance (all
 * signatures of a joint offer), and what was done since. Others' deals and answers of the same offer are none of it.
 */
export const stepsOfDeal = <T extends { readonly event: OfferEvent }>(
  { applied }: Pick<OfferThread, 'applied'>,
  { id, revision, head }: Deal,
  inOrder: readonly T[],
): readonly T[] => {
  const counted = inOrder.filter(({ event }) => applied.includes(event.id))
  const byId = new Map(counted.map(({ event }) => [event.id, event]))
  const wanted = new Set<OfferEventId>([...chain(byId, revision), ...chain(byId, head, id)])
  const end = counted.findIndex(({ event }) => event.id === id)
  for (const [i, { event }] of counted.entries())
    if (i < end && event.type === 'accept' && event.prev === revision && isJoint(byId.get(revision)))
      wanted.add(event.id)
  return counted.filter(({ event }) => wanted.has(event.id))
}

const isJoint = (event: OfferEvent | undefined): boolean => event?.terms?.threshold !== undefined

/** From a step back to the first one, or to `end`. */
const chain = (
  byId: ReadonlyMap<OfferEventId, OfferEvent>,
  from: OfferEventId,
  end?: OfferEventId,
): readonly OfferEventId[] => {
  const ids: OfferEventId[] = []
  for (let id: OfferEventId | undefined = from; id !== undefined; id = byId.get(id)?.prev) {
    ids.push(id)
    if (id === end) break
  }
  return ids
}

/** The file of a deal. Of each log so much as certifies the devices that signed: then everybody writes the same. */
export const writeOfferReceipt = (
  deal: Deal,
  steps: readonly ProvenStep[],
  logs: ReadonlyMap<Address, IdentityLog>,
): Uint8Array => {
  const relays: Uint8Array[] = []
  const indexOf = ({ key }: ProvenStep['hub']): number => {
    const known = relays.findIndex((relay) => equalBytes(relay, key))
    return known >= 0 ? known : relays.push(key) - 1
  }
  const written = steps.map(({ event: _, hub, ...step }): ReceiptStep => ({ ...step, relay: indexOf(hub) }))
  const people = [...logs].sort(([a], [b]) => (a < b ? -1 : 1))
  return encodeOfferReceipt({
    deal: fromHex(deal.id) as Uint8Array,
    people: people.map(([address, log]) => ({ address, log: certifying(address, log, steps) })),
    relays,
    steps: written,
  })
}

const certifying = (address: Address, log: IdentityLog, steps: readonly ProvenStep[]): readonly Uint8Array[] => {
  const devices = steps.filter(({ event }) => event.author === address).map(({ event }) => event.device)
  const last = Math.max(...devices.map((device) => log.devices.get(device)?.addedAt ?? 0))
  return log.entries.slice(0, last + 1).map(({ encoded }) => encoded)
}
