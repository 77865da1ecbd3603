import { afterEach, describe, expect, test } from 'vitest'
import type { PaymentOrder, PaymentRail, PaymentRequest, PaymentState } from '../ports/payment.ts'
import type { Address } from '../records/ids.ts'

/** A rail under test, and what happens at its other end. */
export interface PaymentWorld {
  readonly rail: PaymentRail
  /** The payer pays the whole of it. Absent: the rail cannot tell, and says 'by-hand'. */
  pay?(request: PaymentRequest): Promise<void>
  /** The request's time is over. Absent: nothing expires. */
  expire?(request: PaymentRequest): Promise<void>
  /** The same rail after a restart of the payee's program. */
  again(): Promise<PaymentRail>
  close(): Promise<void>
}

const FINAL: readonly PaymentState['state'][] = ['paid', 'expired', 'failed', 'by-hand']

let count = 0

const order = (minor = '12000'): PaymentOrder => {
  count += 1
  return {
    requestId: `${count}`.padStart(32, '0'),
    offer: 'ab'.repeat(16),
    deal: 'cd'.repeat(32),
    amount: { minor, currency: 'EUR', exponent: 2 },
    payee: 'dchat1payee' as Address,
    payers: ['dchat1payer' as Address],
    memo: 'two chairs',
  }
}

/** Everything that is told up to the end, or to the first that is wanted. */
const told = async (
  rail: PaymentRail,
  request: PaymentRequest,
  until: (state: PaymentState) => boolean = () => false,
): Promise<readonly PaymentState[]> => {
  const states: PaymentState[] = []
  for await (const state of rail.watch(request)) {
    states.push(state)
    if (until(state)) break
  }
  return states
}

/**
 * What the port `PaymentRail` promises. Runs under vitest; `open` makes a fresh world for each test. Durations decide
 * nothing here: a promise that is not kept shows as a wrong value or as the runner's own timeout.
 */
export const paymentConformance = (name: string, open: () => Promise<PaymentWorld>): void => {
  describe(`payments: ${name}`, () => {
    const opened: { close(): Promise<void> }[] = []
    afterEach(async () => {
      for (const resource of opened.splice(0).reverse()) await resource.close()
    })

    const begin = async (): Promise<PaymentWorld> => {
      const world = await open()
      opened.push(world, world.rail)
      return world
    }

    test('a request is the order: its id, its amount to the last digit, within the bounds of the port', async () => {
      const { rail } = await begin()
      expect(rail.rail).toMatch(/^.{1,32}$/)
      for (const minor of ['1', '12000', '123456789012345678901234567890']) {
        const wanted = order(minor)
        const request = await rail.request(wanted)
        expect(request).toMatchObject({ requestId: wanted.requestId, rail: rail.rail, amount: wanted.amount })
        expect((request.uri ?? '').length).toBeLessThanOrEqual(2048)
        expect((request.reference ?? '').length).toBeLessThanOrEqual(256)
        expect((request.memo ?? '').length).toBeLessThanOrEqual(1000)
        expect(request.expiresAt ?? Number.MAX_SAFE_INTEGER).toSatisfy(Number.isSafeInteger)
      }
    })

    test('the same order again gives the same request, also after a restart', async () => {
      const { rail, again } = await begin()
      const wanted = order()
      const request = await rail.request(wanted)
      expect(await rail.request(wanted)).toEqual(request)
      await rail.close()
      const later = await again()
      opened.push(later)
      expect(await later.request(wanted)).toEqual(request)
    })

    test('a watch begins with how it stands, and ends by itself after what is final', async () => {
      const { rail, pay } = await begin()
      const request = await rail.request(order())
      const states = rail.watch(request)[Symbol.asyncIterator]()
      const first = (await states.next()).value as PaymentState
      expect(first).toEqual({ state: pay === undefined ? 'by-hand' : 'open' })
      if (pay !== undefined) {
        await pay(request)
        let last: PaymentState = first
        while (!FINAL.includes(last.state)) last = (await states.next()).value
        expect(last).toMatchObject({ state: 'paid', amount: request.amount })
      }
      expect((await states.next()).done).toBe(true)
    })

    test('who watches later, or after a restart, hears what happened meanwhile; so does each of several', async () => {
      const { rail, pay, again } = await begin()
      const request = await rail.request(order())
      const other = await rail.request(order())
      const during = [told(rail, request), told(rail, request)]
      await pay?.(request)
      const end = { state: pay === undefined ? 'by-hand' : 'paid' }
      for (const states of await Promise.all(during)) expect(states.at(-1)).toMatchObject(end)
      expect((await told(rail, request)).at(-1)).toMatchObject(end)
      await rail.close()
      const later = await again()
      opened.push(later)
      expect((await told(later, request)).at(-1)).toMatchObject(end)
      // Nobody paid this one.
      const [first] = await told(later, other, () => true)
      expect(first).toEqual({ state: pay === undefined ? 'by-hand' : 'open' })
    })

    test('what has expired is told as that, and is not paid any more', async () => {
      const { rail, expire, pay } = await begin()
      if (expire === undefined) return
      const request = await rail.request(order())
      await expire(request)
      expect((await told(rail, request)).at(-1)).toEqual({ state: 'expired' })
      await pay?.(request).catch(() => undefined)
      expect((await told(rail, request)).at(-1)).toEqual({ state: 'expired' })
    })

    test('a rail that can look says paid once it is, and not before', async () => {
      const { rail, pay } = await begin()
      const request = await rail.request(order())
      const look = async () => (await rail.confirm?.(request))?.state
      expect(['open', 'by-hand', undefined]).toContain(await look())
      if (pay === undefined || rail.confirm === undefined) return
      await pay(request)
      expect(await rail.confirm(request)).toMatchObject({ state: 'paid', amount: request.amount })
    })

    test('an abort ends a request and a watch with the reason of the signal', async () => {
      const { rail, pay } = await begin()
      const reason = new Error('enough')
      const aborted = AbortSignal.abort(reason)
      await expect(rail.request(order(), { signal: aborted })).rejects.toBe(reason)
      const request = await rail.request(order())
      const watching = async (signal: AbortSignal, began = () => {}) => {
        for await (const _ of rail.watch(request, { signal })) began()
      }
      await expect(watching(aborted)).rejects.toBe(reason)
      if (pay === undefined) return
      const controller = new AbortController()
      await expect(watching(controller.signal, () => controller.abort(reason))).rejects.toBe(reason)
    })

    test('close ends a watch that waits, and may be called again', async () => {
      const { rail } = await begin()
      const request = await rail.request(order())
      const states = rail.watch(request)[Symbol.asyncIterator]()
      await states.next()
      const next = states.next()
      await rail.close()
      await rail.close()
      expect((await next).done).toBe(true)
    })
  })
}
