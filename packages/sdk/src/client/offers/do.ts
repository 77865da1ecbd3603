import type { OfferAct, OfferOptions, OfferStep } from '../api/offers.ts'
import type { Core } from '../core.ts'
import { askPayment } from '../payments/ask.ts'
import { confirmPayment } from '../payments/confirm.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { actOnOffer } from './act.ts'

/** Any step that a person asks for: those about money pass by the way to pay. */
export const doOffer = (core: Core, rooms: Rooms, act: OfferAct, options: OfferOptions): Promise<OfferStep> => {
  switch (act.type) {
    case 'pay_request':
      return askPayment(core, rooms, { ...act, type: 'pay_request' }, options)
    case 'pay_confirmed':
      return confirmPayment(core, rooms, { ...act, type: 'pay_confirmed' }, options)
    default:
      return actOnOffer(core, rooms, act, options)
  }
}
