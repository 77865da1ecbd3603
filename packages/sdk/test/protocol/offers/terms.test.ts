import { describe, expect, test } from 'vitest'
import { formatMoney, moneyFault } from '../../../src/protocol/offers/money.ts'
import { readTerms, termsHash, termsValue } from '../../../src/protocol/offers/terms.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../../../src/protocol/wire/cbor.ts'
import type { Money, PriceLine, Terms } from '../../../src/records/offer.ts'
import { ANN, BEN, CID, euro, terms } from '../../domain/offers/support.ts'

const full = terms({
  items: [
    { id: 'a', title: 'Wheel', quantity: 2, unitPrice: euro('4000'), attributes: { colour: 'red' } },
    { id: 'b', title: 'Bell', quantity: 1, unitPrice: euro('500') },
  ],
  price: {
    total: euro('9000'),
    lines: [
      { kind: 'goods', amount: euro('8500') },
      { kind: 'shipping', amount: euro('700'), label: 'parcel' },
      { kind: 'discount', amount: euro('-200') },
    ],
  },
  listing: { id: '11'.repeat(16), version: 3, seller: ANN, hash: '22'.repeat(32) },
  delivery: { mode: 'ship', place: 'u33d', from: 1, until: 2 },
  payment: { rails: ['manual'], timing: 'before', moderator: CID, deadline: 3600 },
  text: '**As seen.**',
  refund: 'within a week',
  attachments: [{ hash: '33'.repeat(32), size: 10, mediaType: 'image/png', name: 'wheel.png' }],
  language: 'en',
})

const onWire = (value: CborValue): unknown => decodeCbor(encodeCbor(value), 'terms')

test('terms survive the wire with everything that they can have', () => {
  expect(readTerms(onWire(termsValue(full)))).toEqual(full)
  expect(readTerms(onWire(termsValue(terms())))).toEqual(terms())
})

test('each field counts in the hash', () => {
  const hash = (changes: Partial<Terms>) => termsHash(termsValue({ ...full, ...changes }))
  const changes: Partial<Terms>[] = [
    {},
    { text: 'x' },
    { revocable: false },
    { expiresIn: 601 },
    { takers: 2 },
    { language: 'de' },
  ]
  expect(new Set(changes.map((change) => String(hash(change)))).size).toBe(changes.length)
})

test('fields of a later version are named, wherever they stand, and hashed as they came', () => {
  const value = { ...(termsValue(terms()) as object), escrow: 'later' } as CborValue
  expect(readTerms(onWire(value)).unread).toEqual(['escrow'])
  const deep = onWire(termsValue(terms())) as { items: { secret?: string }[] }
  ;(deep.items[0] as { secret?: string }).secret = 'clause'
  expect(readTerms(deep).unread).toEqual(['…'])
})

const line = (kind: PriceLine['kind'], minor: string): PriceLine => ({ kind, amount: euro(minor) })
const priced = (total: string, ...lines: PriceLine[]): Partial<Terms> => ({ price: { total: euro(total), lines } })

describe('terms that are no terms', () => {
  test.each<[string, Partial<Terms>]>([
    ['a total that is not the sum', priced('100', line('goods', '99'))],
    ['a negative price', priced('-1', line('discount', '-1'))],
    ['a negative line of goods', priced('0', line('goods', '-5'), line('fee', '5'))],
    ['a discount that adds', priced('10', line('goods', '5'), line('discount', '5'))],
    [
      'two currencies',
      { price: { total: euro('1'), lines: [{ kind: 'goods', amount: { minor: '1', currency: 'USD', exponent: 2 } }] } },
    ],
    ['unit prices that give another sum', { items: [{ id: 'a', title: 'x', quantity: 3, unitPrice: euro('5000') }] }],
    ['no item', { items: [] }],
    ['a quantity of nothing', { items: [{ id: 'a', title: 'x', quantity: 0 }] }],
    ['a fraction', { items: [{ id: 'a', title: 'x', quantity: 1.5 }] }],
    [
      'two items of one id',
      {
        items: [
          { id: 'a', title: 'x', quantity: 1 },
          { id: 'a', title: 'y', quantity: 1 },
        ],
      },
    ],
    ['less than ten minutes', { expiresIn: 599 }],
    ['more than thirty days', { expiresIn: 2_592_001 }],
    ['more takers than parties', { takers: 2 }],
    ['a party twice', { parties: [BEN, BEN] }],
    ['a moderator who is a party', { payment: { rails: ['manual'], timing: 'on', moderator: BEN } }],
    ['a threshold above the parties', { threshold: 2 }],
    [
      'a listing signed jointly',
      {
        parties: [ANN, BEN],
        threshold: 2,
        listing: { id: '11'.repeat(16), version: 1, seller: ANN, hash: '22'.repeat(32) },
      },
    ],
    ['too long a text', { text: 'ä'.repeat(2049) }],
    ['a delivery that ends before it begins', { delivery: { mode: 'pickup', from: 2, until: 1 } }],
  ])('%s', (_, changes) => {
    const value = termsValue(terms(changes))
    expect(() => readTerms(value)).toThrow(expect.objectContaining({ code: 'protocol/malformed' }))
  })
})

describe('money', () => {
  const money = (minor: string, currency: string, exponent: number): Money => ({ minor, currency, exponent })

  test.each([
    [money('1250', 'EUR', 2), '12.50 EUR'],
    [money('5', 'EUR', 2), '0.05 EUR'],
    [money('-5', 'USD', 2), '-0.05 USD'],
    [money('1250', 'JPY', 0), '1250 JPY'],
    [money('1', 'KWD', 3), '0.001 KWD'],
    [money('100000000', 'BTC', 8), '1.00000000 BTC'],
    [money(`9${'0'.repeat(29)}`, 'ETH', 18), '900000000000.000000000000000000 ETH'],
  ])('%o is written %s', (amount, text) => {
    expect(moneyFault(amount)).toBeUndefined()
    expect(formatMoney(amount)).toBe(text)
  })

  test.each([
    money('01', 'EUR', 2),
    money('-0', 'EUR', 2),
    money('1.5', 'EUR', 2),
    money('1e3', 'EUR', 2),
    money('', 'EUR', 2),
    money('9'.repeat(31), 'EUR', 2),
    money('1', 'EUR', 3),
    money('1', 'JPY', 2),
    money('1', 'eur', 2),
    money('1', 'E', 2),
    money('1', 'GOLD', 19),
  ])('%o is no money', (amount) => expect(moneyFault(amount)).toBeTypeOf('string'))
})
