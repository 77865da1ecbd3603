import type { PaymentOrder, PaymentRequest } from '../../ports/payment.ts'
import type { Money } from '../../records/offer.ts'

const LENGTHS = { uri: 2048, reference: 256, memo: 1000 } as const

export const isSameMoney = (a: Money, b: Money): boolean =>
  a.currency === b.currency && a.exponent === b.exponent && a.minor === b.minor

/** Why what a rail gave is not what was ordered, or undefined. `now`: ms since 1970. */
export const requestFault = (
  request: PaymentRequest,
  order: PaymentOrder,
  rail: string,
  now: number,
): string | undefined => {
  const { requestId, amount, expiresAt } = request
  if (requestId !== order.requestId) return 'it answers another order'
  if (request.rail !== rail) return 'it names another way to pay'
  if (amount?.currency !== order.amount.currency || amount.exponent !== order.amount.exponent)
    return 'it asks for another currency'
  if (amount.minor !== order.amount.minor) return 'it asks for another amount'
  if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) return 'it expires at no time that there is'
  if (expiresAt !== undefined && expiresAt <= now) return 'it has expired before it was made'
  for (const [name, most] of Object.entries(LENGTHS)) {
    const text = request[name as keyof typeof LENGTHS]
    if (text !== undefined && (typeof text !== 'string' || text.length > most))
      return `its ${name} has more than ${most} characters`
  }
  return undefined
}
