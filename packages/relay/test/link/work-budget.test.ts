import { expect, test } from 'vitest'
import { WorkBudget } from '../../src/link/work-budget.ts'
import { member, relay } from '../support/relay.ts'

test('what goes beyond the budget waits for its turn, in the order in which it asked', () => {
  const budget = new WorkBudget(1)
  const begun: string[] = []
  const ask = (name: string) => {
    const again = () => {
      if (budget.take(again)) begun.push(name)
    }
    return again
  }
  const [first, second, third] = [ask('first'), ask('second'), ask('third')]
  first()
  second()
  third()
  expect(begun).toEqual(['first'])
  budget.give()
  expect(begun).toEqual(['first', 'second'])
  budget.leave(third)
  budget.give()
  expect(begun).toEqual(['first', 'second'])
})

test('who is called and cannot begin leaves the place to the next', () => {
  const budget = new WorkBudget(1)
  let begun = false
  const unable = () => undefined
  const able = () => {
    begun = budget.take(able)
  }
  expect(budget.take(unable)).toBe(true)
  expect(budget.take(unable)).toBe(false)
  able()
  budget.give()
  expect(begun).toBe(true)
})

test('a relay that works on one request at a time answers everybody, in order', async () => {
  const at = await relay({ limits: { allInFlight: 1 } })
  const people = await Promise.all([member(at), member(at), member(at)])
  const answers = await Promise.all(
    people.flatMap(({ client, topic }) =>
      Array.from({ length: 20 }, () =>
        client.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] }),
      ),
    ),
  )
  const places = answers.map(({ receipts }) => receipts[0]?.seq)
  const inOrder = Array.from({ length: 20 }, (_, index) => index + 1)
  expect(places).toEqual([...inOrder, ...inOrder, ...inOrder])
})
