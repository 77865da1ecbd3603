import { isSameMoney } from '../../domain/payments/faults.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { PaymentRail, PaymentState } from '../../ports/payment.ts'
import { askAhead } from '../../util/streams.ts'
import { branch, type Core } from '../core.ts'
import { actOnOffer } from '../offers/act.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { railOf } from './rails.ts'
import { getPayment, openPayments, type PaymentRow, putPayment } from './rows.ts'

/** ms between a watch that broke and the next one. */
const FIRST = 1_000
const LAST = 5 * 60_000
/** Attempts to sign for one payment, each because the other side did something at the same moment. */
const ATTEMPTS = 100

/** Hears of every open request at its rail, also of those from before a restart, and signs for what was paid. */
export const watchPayments = async (shared: Core, rooms: Rooms): Promise<void> => {
  const core = branch(shared)
  const watched = new Set<string>()
  const changes = core.store.changes(['offers'], { signal: core.signal })[Symbol.asyncIterator]()
  let changed = askAhead(changes)
  while (!core.signal.aborted) {
    for (const row of await core.store.read(openPayments)) {
      const { requestId } = row.order
      if (row.state !== 'open' || watched.has(requestId)) continue
      watched.add(requestId)
      watch(branch(core), rooms, row).catch((error: unknown) => {
        if (!core.signal.aborted) tell(core, error)
      })
    }
    if ((await changed).done) return
    changed = askAhead(changes)
  }
}

const tell = ({ events }: Core, error: unknown): void => {
  const code = isDchatError(error) ? error.code : 'internal/unexpected'
  events.emit({ type: 'problem', code, message: error instanceof Error ? error.message : String(error) })
}

const watch = async (core: Core, rooms: Rooms, row: PaymentRow): Promise<void> => {
  const { signal, clock, log } = core
  const rail = railOf(core, row.rail)
  for (let pause = FIRST; ; pause = Math.min(pause * 2, LAST)) {
    try {
      if (await followed(core, rooms, rail, row)) return
    } catch (error) {
      signal.throwIfAborted()
      log.info('a payment is not heard of', { code: isDchatError(error) ? error.code : 'offer/payment-trouble' })
    }
    await clock.sleep(pause, { signal })
  }
}

/** True once nothing more is to be heard. */
const followed = async (core: Core, rooms: Rooms, rail: PaymentRail, row: PaymentRow): Promise<boolean> => {
  const { request } = row
  if (request === undefined) return true
  for await (const told of rail.watch(request, { signal: core.signal })) {
    core.signal.throwIfAborted()
    if (await taken(core, rooms, row, told)) return true
  }
  return false
}

const taken = async (core: Core, rooms: Rooms, row: PaymentRow, told: PaymentState): Promise<boolean> => {
  const { offer, deal, requestId: request } = row.order
  if (told.state === 'open') return false
  if (told.state !== 'by-hand') core.events.emit({ type: 'payment', offer, deal, request, state: told.state })
  if (told.state === 'seen') return false
  if (told.state === 'paid') await paid(core, rooms, row, told)
  // A rail that can look is asked when the payee says that it came.
  else if (told.state !== 'by-hand' || railOf(core, row.rail).confirm === undefined) await finish(core, row, 'over')
  return true
}

const paid = async (
  core: Core,
  rooms: Rooms,
  row: PaymentRow,
  { amount, reference }: Extract<PaymentState, { state: 'paid' }>,
): Promise<void> => {
  try {
    if (!isSameMoney(amount, row.order.amount))
      throw new DchatError('offer/bad-payment', { rail: row.rail, reason: 'another amount was paid there' })
    await signFor(core, rooms, row, reference)
    await finish(core, row, 'paid')
  } catch (error) {
    if (!isDchatError(error) || error.retryable) throw error
    // Money came, and the deal does not take it: that is for people to clear up.
    await finish(core, row, 'over')
    tell(core, error)
  }
}

/** The payee's signature under what the rail answers for. A step of the other side that came first has it made again. */
const signFor = async (core: Core, rooms: Rooms, row: PaymentRow, reference: string | undefined): Promise<void> => {
  const { offer, deal, requestId: request, amount } = row.order
  const data = { rail: row.rail, request, amount, ...(reference === undefined ? {} : { reference }) }
  for (let attempt = 0; ; attempt += 1)
    try {
      const clientId = `paid/${request}/${attempt}`
      await actOnOffer(core, rooms, { type: 'pay_confirmed', offer, data }, { deal, clientId, wait: 'sent' })
      return
    } catch (error) {
      if (!isDchatError(error, 'offer/superseded') || attempt === ATTEMPTS) throw error
    }
}

const finish = (core: Core, row: PaymentRow, state: 'paid' | 'over'): Promise<void> =>
  core.store.write(async (tx) => {
    const now = await getPayment(tx, row.order.requestId)
    if (now?.state === 'open') await putPayment(tx, { ...now, state })
  })
