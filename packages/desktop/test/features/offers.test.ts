import type { Address, Offer, OfferDeal, Terms } from '@dchat/sdk'
import { describe, expect, test } from 'vitest'
import { differencesOf, draftOf, emptyDraft, faultsOf, termsOf } from '../../src/renderer/features/offers/draft.ts'
import { isSellerOf, nextSteps } from '../../src/renderer/features/offers/settle.ts'
import { stepWords } from '../../src/renderer/features/offers/step-words.ts'
import { acceptedBy, mayAnswer, stageOf } from '../../src/renderer/state/offer-stage.ts'
import {
  changeOf,
  isNearlyOver,
  leftOf,
  percentOf,
  reasonOf,
  standingOf,
  turnOf,
} from '../../src/renderer/state/offer-words.ts'

const ME = 'dchat1me' as Address
const BOB = 'dchat1bob' as Address
const NOW = 1_000_000_000

const terms = (total: string, more: Partial<Terms> = {}): Terms => ({
  role: 'sell',
  items: [{ id: '1', title: 'Bicycle', quantity: 1 }],
  price: {
    total: { minor: total, currency: 'EUR', exponent: 2 },
    lines: [{ kind: 'goods', amount: { minor: total, currency: 'EUR', exponent: 2 } }],
  },
  expiresIn: 1000,
  revocable: true,
  parties: [ME],
  takers: 1,
  ...more,
})

const offer = (more: Partial<Offer> = {}): Offer => ({
  id: '00',
  conversation: 'c' as Offer['conversation'],
  head: 'h2',
  opener: BOB,
  author: BOB,
  terms: terms('10500'),
  state: 'open',
  expiresAt: NOW + 1_000_000,
  history: [
    { id: 'h1', author: BOB, terms: terms('12000'), acceptedAt: 1, expiresAt: 2 },
    { id: 'h2', author: BOB, terms: terms('10500'), acceptedAt: 3, expiresAt: 4 },
  ],
  signers: [],
  declined: [],
  deals: [],
  pending: [],
  ...more,
})

const deal = (more: Partial<OfferDeal> = {}): OfferDeal => ({
  id: 'd',
  terms: 'h2',
  takers: [ME],
  state: 'agreed',
  at: 5,
  agreedAt: 5,
  payment: 'none',
  fulfilledBy: [],
  ...more,
})

describe('where an offer stands', () => {
  test('it is the turn of whom it was made to, while it is open and nothing of theirs is on its way', () => {
    expect(stageOf(offer(), ME, NOW)).toBe('yours')
    expect(turnOf(offer(), ME, NOW, 'Bob')).toBe('Your turn')
    expect(stageOf(offer(), BOB, NOW)).toBe('waiting')
    expect(turnOf(offer({ author: ME }), ME, NOW, 'Bob')).toBe('Waiting for Bob')
    expect(mayAnswer(offer({ pending: ['accept'] }), ME)).toBe(false)
    expect(mayAnswer(offer({ incomplete: true }), ME)).toBe(false)
    expect(mayAnswer(offer({ terms: terms('1', { unread: ['warranty'] }) }), ME)).toBe(false)
    expect(mayAnswer(offer({ declined: [ME], terms: terms('1', { parties: [] }) }), ME)).toBe(false)
    expect(mayAnswer(offer({ terms: terms('1', { parties: [BOB] }), author: 'x' as Address }), ME)).toBe(false)
  })

  test('who has signed a joint offer waits for the others', () => {
    const joint = terms('1', { parties: [ME, BOB], threshold: 2 })
    expect(stageOf(offer({ terms: joint, signers: [BOB] }), ME, NOW)).toBe('yours')
    expect(stageOf(offer({ terms: joint, signers: [BOB, ME] }), ME, NOW)).toBe('waiting')
  })

  test('over its time it is closed, and said to be expired, before anybody announced it', () => {
    const late = offer({ expiresAt: NOW })
    expect(stageOf(late, ME, NOW)).toBe('closed')
    expect(standingOf(late, ME, NOW).text).toBe('Expired')
    expect(isNearlyOver(offer({ expiresAt: NOW + 99_000 }), NOW)).toBe(true)
    expect(isNearlyOver(offer({ expiresAt: NOW + 101_000 }), NOW)).toBe(false)
  })

  test('a deal goes from agreed over settlement to closed', () => {
    const at = (more: Partial<OfferDeal>) => stageOf(offer({ state: 'taken', deals: [deal(more)] }), ME, NOW)
    expect(at({ state: 'pending' })).toBe('waiting')
    expect(at({})).toBe('agreed')
    expect(at({ payment: 'requested' })).toBe('settling')
    expect(at({ state: 'disputed' })).toBe('settling')
    expect(at({ state: 'completed' })).toBe('closed')
    expect(standingOf(offer({ state: 'taken', deals: [deal({ payment: 'paid' })] }), ME, NOW).text).toBe('Paid')
  })

  test('an offer that is open again after a refusal waits for an answer again', () => {
    expect(stageOf(offer({ deals: [deal({ state: 'rejected' })] }), ME, NOW)).toBe('yours')
  })

  test('the change against the last round, in per cent', () => {
    const change = changeOf(offer())
    expect(change?.before.minor).toBe('12000')
    expect(percentOf(change?.perMille ?? 0)).toBe('\u221212.5\u00a0%')
    expect(changeOf(offer({ history: [] }))).toBeUndefined()
  })
})

describe('an offer as somebody types it', () => {
  test('says what is missing, by field', () => {
    expect(Object.keys(faultsOf(emptyDraft()))).toEqual(['items', 'total'])
    const draft = { ...emptyDraft(), items: [{ title: 'Bicycle', quantity: '0' }], total: '-1' }
    expect(Object.keys(faultsOf(draft))).toEqual(['items', 'total'])
    expect(faultsOf({ ...draft, items: [{ title: 'Bicycle', quantity: '2' }], total: '120,50' })).toEqual({})
  })

  test('a new one sends what was typed, and nothing that was left empty', () => {
    const draft = {
      ...emptyDraft(),
      items: [
        { title: ' Bicycle ', quantity: '1' },
        { title: '', quantity: '1' },
      ],
      total: '120',
    }
    expect(termsOf(draft)).toEqual({
      role: 'sell',
      items: [{ title: 'Bicycle', quantity: 1 }],
      price: { total: { minor: '12000', currency: 'EUR', exponent: 2 } },
      expiresIn: 86_400,
    })
  })

  test('a counter sends and shows only what it changes; what was not touched stays', () => {
    const before = terms('12000', {
      items: [{ id: 'a', title: 'Bicycle', quantity: 1, attributes: { colour: 'red' } }],
    })
    expect(termsOf(draftOf(before), before)).toEqual({})
    expect(differencesOf(before, draftOf(before))).toEqual([])
    const cheaper = { ...draftOf(before), total: '105.00' }
    expect(termsOf(cheaper, before)).toEqual({ price: { total: { minor: '10500', currency: 'EUR', exponent: 2 } } })
    expect(differencesOf(before, cheaper)).toEqual([{ what: 'Total', from: '120.00 EUR', to: '105.00 EUR' }])
    const more = { ...draftOf(before), items: [{ title: 'Bicycle', quantity: '2' }] }
    expect(termsOf(more, before).items).toEqual([
      { id: 'a', title: 'Bicycle', quantity: 2, attributes: { colour: 'red' } },
    ])
  })
})

describe('in words', () => {
  test('why it ended is told, of the deal before the offer, and silence where nobody said', () => {
    expect(reasonOf(offer())).toBeUndefined()
    expect(reasonOf(offer({ state: 'declined', reason: 'amount_out_of_range' }))).toBe('The price does not suit.')
    const rejected = deal({ state: 'rejected', reason: 'out_of_stock' })
    expect(reasonOf(offer({ reason: 'expired', deals: [rejected] }))).toBe('There is none left.')
  })
  test('what is left is told while it is less than what is asked for', () => {
    expect(leftOf(offer())).toBeUndefined()
    expect(leftOf(offer({ available: 0 }))).toBe('The seller has none left.')
    const three = terms('100', { items: [{ id: '1', title: 'Lamp', quantity: 3 }] })
    expect(leftOf(offer({ terms: three, available: 2 }))).toBe('The seller has 2 left.')
    expect(leftOf(offer({ terms: three, available: 3 }))).toBeUndefined()
    expect(leftOf(offer({ terms: three, available: 2, state: 'declined' }))).toBeUndefined()
  })
  test('a step names its amount', () => {
    const amount = { minor: '10500', currency: 'EUR', exponent: 2 }
    expect(stepWords({ type: 'counter', terms: terms('10500') })).toBe('countered with 105.00 EUR')
    expect(stepWords({ type: 'pay_request', data: { amount } })).toBe('asked for 105.00 EUR')
    expect(stepWords({ type: 'pay_request' })).toBe('asked for the payment')
    expect(stepWords({ type: { unknown: 'later' } })).toBe('took a step that needs a newer version')
  })
  test('who accepted: the other side, or whoever opened it where the terms were the other side\u2019s', () => {
    expect(acceptedBy(offer(), deal())).toEqual([ME])
    const mine = offer({ history: [{ id: 'h2', author: ME, terms: terms('10500'), acceptedAt: 3, expiresAt: 4 }] })
    expect(acceptedBy(mine, deal())).toEqual([BOB])
  })
  test('who gets the money: the opener, unless they want to buy', () => {
    expect(isSellerOf(offer(), deal(), BOB)).toBe(true)
    const wanted = offer({ terms: terms('1', { role: 'buy' }) })
    expect([isSellerOf(wanted, deal(), BOB), isSellerOf(wanted, deal(), ME)]).toEqual([false, true])
  })
})

describe('what can be done about a deal', () => {
  const ids = (one: OfferDeal, me: Address) =>
    nextSteps(offer({ state: 'taken', deals: [one] }), one, me).map(({ id }) => id)
  test('the seller asks for the money, the buyer says that it is paid, the seller that it came', () => {
    expect(ids(deal(), BOB)).toEqual(['request', 'fulfil', 'cancel'])
    expect(ids(deal(), ME)).toEqual(['cancel'])
    expect(ids(deal({ payment: 'requested' }), ME)).toEqual(['report', 'cancel'])
    expect(ids(deal({ payment: 'submitted' }), BOB)).toEqual(['confirm', 'fulfil', 'cancel'])
    expect(ids(deal({ payment: 'paid', fulfilledBy: [BOB] }), ME)).toEqual(['complete'])
  })
  test('only the other side agrees to cancel, and nobody else has a part in it', () => {
    expect(ids(deal({ cancelBy: BOB }), ME)).toEqual(['agree-to-cancel'])
    expect(ids(deal({ cancelBy: BOB }), 'dchat1eve' as Address)).toEqual([])
    expect(ids(deal({ state: 'completed' }), ME)).toEqual([])
  })
})
