import { describe, expect, test } from 'vitest'
import type { Decision } from '../../../src/domain/offers/decision.ts'
import { step } from '../../../src/domain/offers/reduce.ts'
import { liveRevision, type OfferThread } from '../../../src/domain/offers/thread.ts'
import { dealStateAt, stateAt } from '../../../src/domain/offers/view.ts'
import type { OfferEvent, OfferEventType } from '../../../src/records/offer.ts'
import { ANN, BEN, CID, DAY, DEE, event, placed, T0, terms } from './support.ts'

const LISTING = { id: '11'.repeat(16), version: 1, seller: ANN, hash: '22'.repeat(32) }

const run = (...events: readonly OfferEvent[]): { thread: OfferThread; decisions: Decision[] } => {
  let thread: OfferThread | undefined
  const decisions = placed(...events).map((one) => {
    const result = step(thread, one)
    thread = result.thread
    return result.decision
  })
  return { thread: thread as OfferThread, decisions }
}

const outcome = (decision: Decision | undefined): string =>
  decision?.kind === 'refused' ? decision.reason : (decision?.kind ?? 'nothing')

/** What the last of the events comes to. */
const last = (...events: readonly OfferEvent[]): string => outcome(run(...events).decisions.at(-1))

const propose = event(ANN, 'propose', undefined, { terms: terms() })
const countered = event(BEN, 'counter', propose, { terms: terms({ parties: [ANN] }, '8000') })
const accepted = event(BEN, 'accept', propose)
const declined = event(BEN, 'decline', propose)
const withdrawn = event(ANN, 'withdraw', propose)
const listed = event(ANN, 'propose', undefined, { terms: terms({ listing: LISTING }) })
const reserved = event(BEN, 'accept', listed)
const committed = event(ANN, 'commit', reserved, { termsHash: listed.termsHash as string })
const outOfStock = event(ANN, 'reject_commit', reserved, { reason: 'out_of_stock' })

/** The live head of each state, with the events that lead there. */
const STATES: Readonly<Record<string, { readonly before: readonly OfferEvent[]; readonly head: OfferEvent }>> = {
  open: { before: [propose], head: propose },
  countered: { before: [propose, countered], head: countered },
  agreed: { before: [propose, accepted], head: accepted },
  declined: { before: [propose, declined], head: propose },
  withdrawn: { before: [propose, withdrawn], head: propose },
  'accepted, not committed': { before: [listed, reserved], head: reserved },
  committed: { before: [listed, reserved, committed], head: committed },
  'out of stock': { before: [listed, reserved, outOfStock], head: outOfStock },
}

/** By Ann, then by Ben, who always names the head that is there. */
const TABLE: Readonly<Record<string, Partial<Record<OfferEventType, readonly [ann: string, ben: string]>>>> = {
  open: {
    counter: ['own_offer', 'applied'],
    accept: ['own_offer', 'applied'],
    decline: ['own_offer', 'applied'],
    withdraw: ['applied', 'not_party'],
    commit: ['not_open', 'not_party'],
    reject_commit: ['not_open', 'not_party'],
    pay_request: ['not_open', 'not_open'],
    cancel_propose: ['not_open', 'not_open'],
  },
  countered: {
    counter: ['applied', 'own_offer'],
    accept: ['applied', 'own_offer'],
    decline: ['applied', 'own_offer'],
    withdraw: ['not_party', 'applied'],
    commit: ['not_party', 'not_open'],
  },
  agreed: {
    counter: ['own_offer', 'not_open'],
    accept: ['own_offer', 'not_open'],
    withdraw: ['not_open', 'not_party'],
    commit: ['not_open', 'not_party'],
    pay_request: ['applied', 'not_party'],
    pay_submitted: ['not_party', 'applied'],
    pay_confirmed: ['applied', 'not_party'],
    fulfilled: ['applied', 'not_party'],
    complete: ['not_party', 'not_open'],
    cancel_propose: ['applied', 'applied'],
    cancel_accept: ['not_open', 'not_open'],
    dispute: ['applied', 'applied'],
    resolve: ['not_party', 'not_party'],
  },
  declined: {
    counter: ['own_offer', 'not_open'],
    accept: ['own_offer', 'not_open'],
    decline: ['own_offer', 'not_open'],
    withdraw: ['not_open', 'not_party'],
  },
  withdrawn: {
    counter: ['own_offer', 'not_open'],
    accept: ['own_offer', 'not_open'],
    withdraw: ['not_open', 'not_party'],
  },
  'accepted, not committed': {
    commit: ['applied', 'not_party'],
    reject_commit: ['applied', 'not_party'],
    pay_request: ['not_open', 'not_party'],
    fulfilled: ['not_open', 'not_party'],
  },
  committed: {
    commit: ['not_open', 'not_party'],
    pay_request: ['applied', 'not_party'],
    fulfilled: ['applied', 'not_party'],
  },
  'out of stock': { commit: ['not_open', 'not_party'], pay_request: ['not_open', 'not_party'] },
}

const rows = Object.entries(TABLE).flatMap(([state, actions]) =>
  Object.entries(actions).flatMap(([type, results]) =>
    [ANN, BEN].map((author, i) => ({
      state,
      type: type as OfferEventType,
      author,
      who: ['Ann', 'Ben'][i],
      result: results[i],
    })),
  ),
)

describe('the table of states and actions', () => {
  test.each(rows)('$state: $type by $who is $result', ({ state, type, author, result }) => {
    const { before, head } = STATES[state] as (typeof STATES)[string]
    const parties = [author === ANN ? BEN : ANN]
    const hash = run(...before).thread.revisions.at(-1)?.termsHash as string
    const action = event(author, type, head, {
      ...(type === 'counter' ? { terms: terms({ parties }, '9000') } : {}),
      ...(type === 'accept' || type === 'commit' ? { termsHash: hash } : {}),
    })
    expect(last(...before, action)).toBe(result)
  })
})

describe('who answers what', () => {
  test('an action that names an older head is superseded, and learns the live one', () => {
    const late = event(BEN, 'accept', propose)
    const { decisions, thread } = run(
      propose,
      countered,
      event(ANN, 'counter', countered, { terms: terms({}, '9000') }),
      late,
    )
    expect(decisions.at(-1)).toEqual({ kind: 'refused', reason: 'superseded', head: liveRevision(thread).id })
  })

  test('other terms than those of the head are changed terms', () => {
    expect(last(propose, event(BEN, 'accept', propose, { termsHash: '33'.repeat(32) }))).toBe('changed')
  })

  test('a stranger to the offer is no party', () =>
    expect(last(propose, event(CID, 'accept', propose))).toBe('not_party'))

  test('a second proposal of the same thread, and an action on a thread that nobody opened, change nothing', () => {
    expect(last(propose, event(ANN, 'propose', undefined, { terms: terms({}, '1') }))).toBe('not_open')
    expect(last(accepted)).toBe('not_open')
  })

  test('the same event again changes nothing, whether it counted or not', () => {
    const again = run(propose, accepted, accepted)
    expect(outcome(again.decisions[2])).toBe('repeated')
    const stranger = event(CID, 'accept', propose)
    expect(run(propose, stranger, stranger).decisions.map(outcome)).toEqual(['applied', 'not_party', 'repeated'])
  })

  test('an offer that cannot be taken back is not taken back', () => {
    const firm = event(ANN, 'propose', undefined, { terms: terms({ revocable: false }) })
    expect(last(firm, event(ANN, 'withdraw', firm))).toBe('not_available')
  })

  test('a counter keeps the roles, and goes back to who made the offer', () => {
    for (const changes of [
      { role: 'buy' },
      { parties: [CID] },
      { parties: [] },
      { parties: [ANN, CID], takers: 2 },
    ] as const)
      expect(last(propose, event(BEN, 'counter', propose, { terms: terms({ parties: [ANN], ...changes }, '1') }))).toBe(
        'bad_terms',
      )
  })

  test('twenty revisions are enough', () => {
    const events = [propose]
    for (let i = 1; i < 20; i++) {
      const [author, parties] = i % 2 === 1 ? [BEN, [ANN]] : [ANN, [BEN]]
      events.push(event(author, 'counter', events.at(-1) as OfferEvent, { terms: terms({ parties }, `${1000 + i}`) }))
    }
    const { decisions, thread } = run(...events)
    expect(decisions.every(({ kind }) => kind === 'applied')).toBe(true)
    expect(thread.revisions).toHaveLength(20)
    expect(last(...events, event(ANN, 'counter', events.at(-1) as OfferEvent, { terms: terms({}, '1') }))).toBe(
      'too_many_requests',
    )
  })
})

describe('time', () => {
  const end = T0 + DAY * 1000
  const at = (acceptedAt: number, one: OfferEvent) =>
    outcome(step(run(propose).thread, { event: one, place: 9, acceptedAt }).decision)

  test('the accepted time decides to the millisecond, without grace', () => {
    expect(at(end, accepted)).toBe('applied')
    expect(at(end + 1, accepted)).toBe('expired')
    expect(at(end + 1, countered)).toBe('expired')
  })

  test('the clocks of the people decide nothing', () => {
    for (const wrong of [0, end * 2])
      expect(last(propose, event(BEN, 'accept', propose, { at: wrong }))).toBe('applied')
  })

  test('expiry and lapse are views', () => {
    const { thread } = run(propose)
    expect([stateAt(thread, end), stateAt(thread, end + 1)]).toEqual(['open', 'expired'])
    const waiting = run(listed, reserved).thread.deals[0]
    if (waiting === undefined) throw new Error('no deal')
    expect([dealStateAt(waiting, waiting.at), dealStateAt(waiting, waiting.at + DAY * 1000 + 1)]).toEqual([
      'pending',
      'lapsed',
    ])
    const late = step(run(listed, reserved).thread, {
      event: committed,
      place: 9,
      acceptedAt: waiting.at + DAY * 1000 + 1,
    })
    expect(outcome(late.decision)).toBe('timeout')
  })
})

describe('several people', () => {
  const toAll = event(ANN, 'propose', undefined, { terms: terms({ parties: [] }) })
  const firstTwo = event(ANN, 'propose', undefined, { terms: terms({ parties: [BEN, CID, DEE], takers: 2 }) })

  test('open to all: the first acceptance wins, the next finds it taken', () => {
    const { decisions, thread } = run(toAll, event(CID, 'accept', toAll), event(BEN, 'accept', toAll))
    expect(decisions.map(outcome)).toEqual(['applied', 'applied', 'not_open'])
    expect(thread.deals.map(({ takers }) => takers)).toEqual([[CID]])
  })

  test('the first two win, one deal each, and nobody takes two', () => {
    const [ben, again, cid, dee] = [BEN, BEN, CID, DEE].map((who) => event(who, 'accept', firstTwo)) as OfferEvent[]
    const { decisions, thread } = run(
      firstTwo,
      ben as OfferEvent,
      again as OfferEvent,
      cid as OfferEvent,
      dee as OfferEvent,
    )
    expect(decisions.map(outcome)).toEqual(['applied', 'applied', 'not_open', 'applied', 'not_open'])
    expect(thread.deals.map(({ takers }) => takers[0])).toEqual([BEN, CID])
  })

  test('one who declines leaves it to the others; when all have, it is declined', () => {
    const no = (who: typeof ANN) => event(who, 'decline', firstTwo)
    expect(run(firstTwo, no(BEN), no(CID)).thread.state).toBe('open')
    expect(run(firstTwo, no(BEN), no(CID), no(DEE)).thread.state).toBe('declined')
    expect(run(toAll, event(BEN, 'decline', toAll)).thread.state).toBe('open')
  })

  test('it is not countered in place', () => {
    expect(last(toAll, event(BEN, 'counter', toAll, { terms: terms({ parties: [ANN] }, '1') }))).toBe('not_available')
  })

  test('out of stock ends it for everybody, another refusal leaves the place to the next', () => {
    const stock = event(ANN, 'propose', undefined, { terms: terms({ parties: [], listing: LISTING }) })
    const ben = event(BEN, 'accept', stock)
    const no = (reason: 'out_of_stock' | 'too_many_requests') => event(ANN, 'reject_commit', ben, { reason })
    expect(run(stock, ben, no('out_of_stock')).thread).toMatchObject({ state: 'void', reason: 'out_of_stock' })
    const { thread, decisions } = run(stock, ben, no('too_many_requests'), event(CID, 'accept', stock))
    expect(outcome(decisions.at(-1))).toBe('applied')
    expect(thread.deals.map(({ state }) => state)).toEqual(['rejected', 'pending'])
  })

  describe('signed jointly', () => {
    const joint = terms({ parties: [ANN, BEN, CID], threshold: 2 })
    const begun = event(ANN, 'propose', undefined, { terms: joint })

    test('the author has signed by proposing; the second signature concludes', () => {
      const { thread } = run(begun, event(CID, 'accept', begun))
      expect(thread).toMatchObject({ state: 'taken', deals: [{ takers: [CID], state: 'agreed' }] })
    })

    test('a counter clears the signatures, and the opener is always one of those who sign', () => {
      const three = terms({ parties: [ANN, BEN, CID], threshold: 2 }, '7000')
      const other = event(BEN, 'counter', begun, { terms: three })
      const without = run(begun, other, event(CID, 'accept', other))
      expect(without.thread).toMatchObject({ state: 'open', deals: [] })
      expect(without.thread.signers.map(({ by }) => by)).toEqual([BEN, CID])
      const whole = run(begun, other, event(CID, 'accept', other), event(ANN, 'accept', other))
      expect(whole.thread.deals).toMatchObject([{ takers: [BEN, CID], state: 'agreed' }])
    })

    test('when too few are left it is declined', () => {
      const no = (who: typeof ANN) => event(who, 'decline', begun)
      expect(run(begun, no(BEN)).thread.state).toBe('open')
      expect(run(begun, no(BEN), no(CID)).thread.state).toBe('declined')
    })

    test('whoever is not named in it does not propose it', () => {
      expect(last(event(DEE, 'propose', undefined, { terms: joint }))).toBe('bad_terms')
    })
  })
})

test('who accepts a counter deals with whoever made it: roles stay as they were opened', () => {
  const yes = event(ANN, 'accept', countered)
  const { thread, decisions } = run(
    propose,
    countered,
    yes,
    event(BEN, 'pay_request', yes),
    event(ANN, 'pay_request', yes),
  )
  expect(thread.deals[0]).toMatchObject({ takers: [BEN], payment: 'requested' })
  expect(decisions.map(outcome).slice(3)).toEqual(['not_party', 'applied'])
})

describe('settlement', () => {
  const follow = (...steps: readonly (readonly [typeof ANN, OfferEventType, object?])[]): OfferEvent[] => {
    const events = [propose, accepted]
    for (const [author, type, rest] of steps) events.push(event(author, type, events.at(-1) as OfferEvent, rest))
    return events
  }

  test('the whole way: requested, submitted, confirmed by the payee, fulfilled, completed by the buyer', () => {
    const way = follow(
      [ANN, 'pay_request'],
      [BEN, 'pay_submitted'],
      [ANN, 'pay_confirmed'],
      [ANN, 'fulfilled'],
      [BEN, 'complete'],
    )
    const { thread, decisions } = run(...way)
    expect(decisions.every(({ kind }) => kind === 'applied')).toBe(true)
    expect(thread.deals[0]).toMatchObject({ state: 'completed', payment: 'paid', fulfilledBy: [ANN] })
    expect(last(...way, event(ANN, 'dispute', way.at(-1)))).toBe('not_open')
  })

  test('delivery may come before payment, and the payer’s word is no payment', () => {
    const { thread } = run(...follow([ANN, 'fulfilled'], [BEN, 'pay_submitted']))
    expect(thread.deals[0]).toMatchObject({ payment: 'submitted', state: 'agreed' })
  })

  test('both cancel: one proposes, the other accepts, or proposes too', () => {
    expect(run(...follow([ANN, 'cancel_propose'], [BEN, 'cancel_accept'])).thread.deals[0]?.state).toBe('cancelled')
    expect(run(...follow([ANN, 'cancel_propose'], [BEN, 'cancel_propose'])).thread.deals[0]?.state).toBe('cancelled')
    expect(last(...follow([ANN, 'cancel_propose'], [ANN, 'cancel_accept']))).toBe('not_open')
  })

  test('a dispute is resolved by the named moderator and nobody else', () => {
    const moderated = event(ANN, 'propose', undefined, {
      terms: terms({ payment: { rails: ['manual'], timing: 'before', moderator: DEE } }),
    })
    const agreed = event(BEN, 'accept', moderated)
    const disputed = event(BEN, 'dispute', agreed)
    const resolve = (who: typeof ANN) => event(who, 'resolve', disputed, { data: { outcome: 'refund' } })
    expect(last(moderated, agreed, disputed, resolve(ANN))).toBe('not_party')
    const { thread } = run(moderated, agreed, disputed, resolve(DEE))
    expect(thread.deals[0]).toMatchObject({ state: 'resolved', outcome: 'refund' })
  })

  test('a step that answers an older one is superseded by the newer', () => {
    const way = follow([ANN, 'pay_request'])
    const late = event(BEN, 'pay_submitted', accepted)
    const { decisions } = run(...way, late)
    expect(decisions.at(-1)).toEqual({ kind: 'refused', reason: 'superseded', head: way.at(-1)?.id })
  })

  test('where things are swapped nobody pays, and both give before one completes', () => {
    const swap = event(ANN, 'propose', undefined, { terms: terms({ role: 'swap' }, '0') })
    const yes = event(BEN, 'accept', swap)
    expect(last(swap, yes, event(ANN, 'pay_request', yes))).toBe('not_party')
    const mine = event(ANN, 'fulfilled', yes)
    expect(last(swap, yes, mine, event(BEN, 'complete', mine))).toBe('not_open')
    const yours = event(BEN, 'fulfilled', mine)
    expect(last(swap, yes, mine, yours, event(BEN, 'complete', yours))).toBe('applied')
  })
})

test('an event of a later version is kept apart and changes nothing', () => {
  const { thread } = run(propose)
  const later = { ...accepted, type: { unknown: 'auction' } } as OfferEvent
  expect(step(thread, { event: later, place: 2, acceptedAt: T0 })).toEqual({ thread, decision: { kind: 'unknown' } })
})
