import type { PaymentRail } from '../../ports/payment.ts'

export interface ManualPaymentsOptions {
  /** The name in terms and requests, where people agreed on one, 'bank transfer' say. Default: 'manual'. */
  readonly rail?: string
  /** What every payer is told, unless the payee says something else: an account number, "cash at the door". */
  readonly details?: string
}

/**
 * Payment by hand: the payee says in words where to pay, the payer reports it, and it counts once the payee says that it
 * came. Nothing is asked of anybody else, so it works wherever people do.
 */
export const manualPayments = ({ rail = 'manual', details }: ManualPaymentsOptions = {}): PaymentRail => ({
  rail,
  request: async ({ requestId, amount, uri, reference, memo = details }, { signal } = {}) => {
    signal?.throwIfAborted()
    return {
      requestId,
      rail,
      amount,
      ...(uri === undefined ? {} : { uri }),
      ...(reference === undefined ? {} : { reference }),
      ...(memo === undefined ? {} : { memo }),
    }
  },
  watch: async function* (_, { signal } = {}) {
    signal?.throwIfAborted()
    yield { state: 'by-hand' }
  },
  close: async () => undefined,
})
