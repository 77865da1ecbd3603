import { parseMoney } from '@dchat/sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decidePrice, type PriceRules } from '../../src/index.ts'

const euros = (amount: string) => parseMoney(`EUR ${amount}`)
const rules: PriceRules = { price: euros('60.00'), floor: euros('45.00'), steps: 3 }

test.each([
  // After so many concessions, what is offered: the answer.
  [0, '60.00', 'accept'],
  [0, '55.00', 'accept'],
  [0, '54.99', '55.00'],
  [1, '50.00', 'accept'],
  [1, '46.00', '50.00'],
  [2, '45.00', 'accept'],
  [2, '44.99', '45.00'],
  [3, '45.00', 'accept'],
  [3, '44.99', 'decline'],
])('after %i concessions %s is answered by %s', (concessions, offered, expected) => {
  const decision = decidePrice(rules, euros(offered), concessions)
  expect(decision).toEqual(
    expected === 'accept'
      ? { do: 'accept' }
      : expected === 'decline'
        ? { do: 'decline', reason: 'price_deviation' }
        : { do: 'counter', total: euros(expected) },
  )
})

test('a fixed price is said once more, and then it is no', () => {
  const fixed = { ...rules, steps: 0 }
  expect(decidePrice(fixed, euros('59.99'), 0)).toEqual({ do: 'counter', total: euros('60.00') })
  expect(decidePrice(fixed, euros('59.99'), 1)).toEqual({ do: 'decline', reason: 'price_deviation' })
})

test('another currency is refused, however much of it', () => {
  expect(decidePrice(rules, parseMoney('USD 1000.00'), 0)).toEqual({ do: 'decline', reason: 'currency_not_accepted' })
})

test('nothing below the floor is ever accepted or asked for, and every haggling ends', () => {
  const amount = fc.integer({ min: 1, max: 100_000 })
  const given = fc.record({ a: amount, b: amount, steps: fc.nat(8), offers: fc.array(amount, { minLength: 10 }) })
  fc.assert(
    fc.property(given, ({ a, b, steps, offers }) => {
      const money = (minor: number) => ({ ...euros('1.00'), minor: `${minor}` })
      const [floor, price] = [Math.min(a, b), Math.max(a, b)]
      const all = { price: money(price), floor: money(floor), steps }
      let last = price
      for (const [round, offered] of offers.entries()) {
        const decision = decidePrice(all, money(offered), round)
        if (decision.do === 'accept') expect(offered).toBeGreaterThanOrEqual(steps === 0 ? price : floor)
        if (decision.do !== 'counter') return
        expect(Number(decision.total.minor)).toBeGreaterThanOrEqual(floor)
        expect(Number(decision.total.minor)).toBeLessThanOrEqual(last)
        last = Number(decision.total.minor)
      }
      throw new Error('it did not end')
    }),
  )
})
