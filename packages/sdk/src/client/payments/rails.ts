import { manualPayments } from '../../domain/payments/manual.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { PaymentRail } from '../../ports/payment.ts'
import type { Terms } from '../../records/offer.ts'
import type { Abortable } from '../../util/abort.ts'
import { branch, type Core } from '../core.ts'

/** The adapter of a way to pay, if the program brought one. */
export const adapterOf = ({ payments }: Pick<Core, 'payments'>, name: string): PaymentRail | undefined =>
  payments.find(({ rail }) => rail === name)

/** Every way works: where no adapter serves it, people do. */
export const railOf = (core: Pick<Core, 'payments'>, name: string): PaymentRail =>
  adapterOf(core, name) ?? manualPayments({ rail: name })

/**
 * Which way to ask by: the one that is named, or the first of the terms that an adapter serves, or the first of the terms,
 * or the first adapter. Throws `offer/bad-payment` for one that the terms do not name.
 */
export const chosenRail = (core: Pick<Core, 'payments'>, { payment }: Terms, named: string | undefined): string => {
  const agreed = payment?.rails
  if (named !== undefined && agreed !== undefined && !agreed.includes(named))
    throw new DchatError('offer/bad-payment', { rail: named, reason: 'the terms name other ways to pay' })
  const served = agreed?.find((name) => adapterOf(core, name) !== undefined)
  return named ?? served ?? agreed?.[0] ?? core.payments[0]?.rail ?? 'manual'
}

/** Asks a rail; what it throws becomes `offer/payment-trouble`, but for the reason of a signal and errors of dchat's own. */
export const asking = async <T>(
  core: Core,
  rail: string,
  { signal }: Abortable,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const either = AbortSignal.any([branch(core).signal, ...(signal === undefined ? [] : [signal])])
  try {
    return await ask(either)
  } catch (cause) {
    either.throwIfAborted()
    if (isDchatError(cause)) throw cause
    throw new DchatError('offer/payment-trouble', { rail }, { cause })
  }
}
