import { describe, expect, test } from 'vitest'
import { completeTerms, counterTerms } from '../../../src/domain/offers/draft.ts'
import { receiptHtml } from '../../../src/domain/offers/receipt-page.ts'
import { verifyOfferReceipt } from '../../../src/domain/offers/verify-receipt.ts'
import { parseMoney } from '../../../src/protocol/offers/money.ts'
import { encodeOfferReceipt } from '../../../src/protocol/offers/receipt-file.ts'
import { testCrypto } from '../../support/crypto.ts'
import { good } from './receipt-support.ts'
import { ANN, BEN, euro } from './support.ts'

describe('amounts as people write them', () => {
  test.each([
    ['EUR 120.00', undefined, { minor: '12000', currency: 'EUR', exponent: 2 }],
    ['120 eur', undefined, { minor: '12000', currency: 'EUR', exponent: 2 }],
    ['60.5', 'EUR', { minor: '6050', currency: 'EUR', exponent: 2 }],
    ['JPY 500', undefined, { minor: '500', currency: 'JPY', exponent: 0 }],
    ['0.00012345 BTC', undefined, { minor: '12345', currency: 'BTC', exponent: 8 }],
  ])('%s', (text, currency, money) => {
    expect(parseMoney(text, currency)).toEqual(money)
  })

  test.each(['', '120.00', 'EUR', 'EUR 1.234', 'EUR 1,50', 'EUR 1 USD', 'JPY 1.5'])('not %s', (text) => {
    expect(() => parseMoney(text)).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })
})

const chairs = completeTerms({ items: [{ title: 'Chair', quantity: 2, unitPrice: euro('6000') }] }, [BEN])

test('what terms leave out goes without saying', () => {
  expect(chairs).toEqual({
    role: 'sell',
    items: [{ id: '1', title: 'Chair', quantity: 2, unitPrice: euro('6000') }],
    price: { total: euro('12000'), lines: [{ kind: 'goods', amount: euro('12000') }] },
    expiresIn: 86_400,
    revocable: true,
    parties: [BEN],
    takers: 1,
  })
})

test('a counter-offer keeps what it does not speak of, and the difference of the sums becomes a line', () => {
  const less = counterTerms({ price: { total: euro('10000') } }, chairs, [ANN])
  expect(less).toMatchObject({ items: chairs.items, parties: [ANN], expiresIn: 86_400 })
  expect(less.price.lines).toEqual([
    { kind: 'goods', amount: euro('12000') },
    { kind: 'discount', amount: euro('-2000') },
  ])
  const more = counterTerms({ price: { total: euro('13000') } }, chairs, [ANN])
  expect(more.price.lines[1]).toEqual({ kind: 'fee', amount: euro('1000') })
  expect(counterTerms({ text: 'Cash only' }, chairs, [ANN])).toMatchObject({ text: 'Cash only', price: chairs.price })
  const one = counterTerms({ items: [{ title: 'Chair', unitPrice: euro('6000') }] }, chairs, [ANN])
  expect(one.price.total).toEqual(euro('6000'))
})

test('the page of a receipt shows what strangers wrote as text, and holds no script', async () => {
  const verified = await verifyOfferReceipt(testCrypto, encodeOfferReceipt(good))
  const terms = { ...verified.terms, items: [{ id: 'a', title: '<script>alert("1")</script>\u202e', quantity: 1 }] }
  const page = receiptHtml({ ...verified, terms })
  expect(page).toContain('1 × &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;\ufffd')
  expect(page).not.toMatch(/<script|<img|<link|https?:/i)
  for (const party of verified.parties) expect(page).toContain(party)
  expect(page).toContain('The times are the word of the relay with the key')
})
