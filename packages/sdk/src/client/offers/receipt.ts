import { isUnsent } from '../../domain/messages/place.ts'
import type { Deal, OfferThread } from '../../domain/offers/thread.ts'
import { type ProvenStep, stepsOfDeal, writeOfferReceipt } from '../../domain/offers/write-receipt.ts'
import { DchatError } from '../../errors.ts'
import type { IdentityLog } from '../../protocol/identity/log.ts'
import { decodeSignedOffer } from '../../protocol/offers/event.ts'
import { decodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import type { Address } from '../../records/ids.ts'
import type { OfferEventId, OfferThreadId } from '../../records/offer.ts'
import type { Core } from '../core.ts'
import type { RoomRecord } from '../records.ts'
import { unknownOffer } from './failures.ts'
import { eventsOf, findThread, getEntry, isWhole } from './rows.ts'

/** The receipt file of an agreed deal. */
export const receiptOf = async (
  core: Core,
  id: OfferThreadId,
  wanted: OfferEventId | undefined,
): Promise<Uint8Array> => {
  const none = (reason: string) => new DchatError('offer/no-receipt', { offer: id, reason })
  const { deal, steps } = await core.store.read(async (tx) => {
    const row = await findThread(tx, id)
    if (row?.thread === undefined) throw unknownOffer(id)
    if (!isWhole(row, await tx.get<RoomRecord>('rooms', row.room))) throw none('this device missed steps of it')
    const deal = agreedIn(row.thread, wanted)
    if (deal === undefined) throw none('no deal is agreed')
    const events = (await eventsOf(tx, row.room, id))
      .filter(({ place }) => !isUnsent(place))
      .map(({ signed }) => ({
        signed,
        event: decodeSignedOffer(signed).event,
      }))
    const steps: ProvenStep[] = []
    for (const { event, signed } of stepsOfDeal(row.thread, deal, events)) {
      const entry = await getEntry(tx, row.room, event.id)
      if (entry === undefined) throw none('this device has no proof of one of its steps')
      const { hub, receipt, ...rest } = entry
      steps.push({ event, offer: signed, hub, ...rest, receipt: decodeReceipt(receipt) })
    }
    return { deal, steps }
  })
  const logs = new Map<Address, IdentityLog>()
  for (const { event } of steps) {
    const log = await core.directory.get(event.author)
    if (log === undefined) throw none('the identity of somebody who signed is not known here')
    logs.set(event.author, log)
  }
  return writeOfferReceipt(deal, steps, logs)
}

const agreedIn = ({ deals }: OfferThread, wanted: OfferEventId | undefined): Deal | undefined => {
  const agreed = deals.filter(({ agreedAt }) => agreedAt !== undefined)
  if (wanted !== undefined) return agreed.find(({ id }) => id === wanted)
  if (agreed.length > 1)
    throw new DchatError('usage/invalid-argument', {
      name: 'deal',
      reason: 'the offer has several deals, so one is to be named',
    })
  return agreed[0]
}
