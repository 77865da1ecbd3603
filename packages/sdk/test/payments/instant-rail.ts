import type { PaymentOrder, PaymentRail, PaymentRequest, PaymentState } from '../../src/index.ts'
import { Broadcast } from '../../src/util/broadcast.ts'

interface Account {
  readonly request: PaymentRequest
  state: PaymentState
}

/** A bank that books at once, and forgets nothing when its customers' programs end. For tests. */
export class InstantBank {
  readonly #accounts = new Map<string, Account>()
  readonly #changes = new Broadcast<string>()
  /** Orders that came, repetitions too. */
  readonly orders: PaymentOrder[] = []
  /** What it does to a request before it gives it away: a bank that errs. */
  spoil: (request: PaymentRequest) => PaymentRequest = (request) => request
  /** True: it cannot be reached. */
  isDown = false

  rail(): PaymentRail {
    const closing = new AbortController()
    const bank = this
    return {
      rail: 'instant',
      request: async (order, { signal } = {}) => {
        signal?.throwIfAborted()
        if (bank.isDown) throw new TypeError('fetch failed')
        bank.orders.push(order)
        const { requestId, amount } = order
        const fresh = { requestId, rail: 'instant', amount, uri: `instant:${requestId}`, expiresAt: 4_102_444_800_000 }
        const account = bank.#accounts.get(requestId) ?? { request: fresh, state: { state: 'open' } }
        bank.#accounts.set(requestId, account)
        return bank.spoil(account.request)
      },
      watch: async function* ({ requestId }, { signal } = {}) {
        signal?.throwIfAborted()
        const ends = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])])
        const changes = bank.#changes.stream({ signal: ends })
        try {
          for (let told: PaymentState | undefined; ; ) {
            const { state } = bank.#account(requestId)
            if (state !== told) yield state
            told = state
            if (state.state !== 'open' && state.state !== 'seen') return
            if ((await changes.next()).done) return
          }
        } catch (error) {
          if (!closing.signal.aborted || signal?.aborted) throw error
        } finally {
          await changes.return?.()
        }
      },
      confirm: async ({ requestId }, { signal } = {}) => {
        signal?.throwIfAborted()
        return bank.#account(requestId).state
      },
      close: async () => closing.abort(new Error('closed')),
    }
  }

  pay({ requestId }: Pick<PaymentRequest, 'requestId'>, minor?: string): void {
    const account = this.#account(requestId)
    if (account.state.state === 'expired') throw new Error('it has expired')
    const { amount } = account.request
    const booked = minor === undefined ? amount : { ...amount, minor }
    this.#put(requestId, { state: 'paid', amount: booked, reference: `tx-${requestId.slice(0, 8)}` })
  }

  see({ requestId }: Pick<PaymentRequest, 'requestId'>): void {
    this.#put(requestId, { state: 'seen' })
  }

  expire({ requestId }: Pick<PaymentRequest, 'requestId'>): void {
    this.#put(requestId, { state: 'expired' })
  }

  #put(requestId: string, state: PaymentState): void {
    this.#account(requestId).state = state
    this.#changes.emit(requestId)
  }

  #account(requestId: string): Account {
    const account = this.#accounts.get(requestId)
    if (account === undefined) throw new Error('there is no such request')
    return account
  }
}
