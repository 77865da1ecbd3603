import { describe, expect, test } from 'vitest'
import { parseMoment } from '../src/io/moment.ts'
import { foundFields, foundText } from '../src/io/search-lines.ts'
import { style } from '../src/io/text.ts'
import type { FoundView, SearchEnd } from '../src/methods/search-types.ts'
import type { Someone } from './support/people.ts'
import { all, people } from './support/people.ts'

const { friends, addressOf } = people()

const found = async ({ guest }: Pick<Someone, 'guest'>, text: string, more: object = {}): Promise<string[]> => {
  const items = await all(guest.stream('search', { text, ...more }))
  expect(items.pop()).toEqual({ type: 'end', complete: true })
  return items.map((item) => (item as FoundView).excerpt)
}

describe('search, by whoever attached', () => {
  test('finds words of all conversations, newest first, and what the filters let through', async () => {
    const { alice, bob } = await friends('alice', 'bob')
    await alice.guest.call('send', { chat: 'bob', text: 'The hotel in New York is booked' })
    await alice.guest.call('send', { chat: 'bob', text: 'A new hotel near York' })
    expect(await all(bob.guest.stream('read', { chat: 'alice' }))).toHaveLength(2)
    await bob.guest.call('send', { chat: 'alice', text: 'Hôtel, then' })

    expect(await found(bob, 'HOTE')).toEqual([
      'Hôtel, then',
      'A new hotel near York',
      'The hotel in New York is booked',
    ])
    expect(await found(bob, '"new york"')).toEqual(['The hotel in New York is booked'])
    expect(await found(bob, 'hotel', { from: 'me' })).toEqual(['Hôtel, then'])
    expect(await found(bob, 'hotel', { from: 'alice', limit: 1 })).toEqual(['A new hotel near York'])
    expect(await found(bob, 'hotel', { chat: 'alice', after: Date.now() + 60_000 })).toEqual([])
    expect(await found(alice, 'hotel', { chat: 'bob', from: 'me', before: Date.now() + 60_000 })).toHaveLength(2)
    const [first] = await all(bob.guest.stream('search', { text: 'booked' }))
    expect(first).toMatchObject({ type: 'found', from: await addressOf(alice), name: 'alice', own: false })
    expect((first as FoundView).marks).toEqual([[25, 31]])
  })

  test('of a conversation that nobody began finds nothing; an unknown one is told', async () => {
    const { alice } = await friends('alice', 'bob')
    expect(await all(alice.guest.stream('search', { text: 'x', chat: 'bob' }))).toEqual([
      { type: 'end', complete: true } satisfies SearchEnd,
    ])
    const unknown = { code: 'identity/unknown-peer' }
    await expect(all(alice.guest.stream('search', { text: 'x', chat: 'nobody' }))).rejects.toMatchObject(unknown)
    await expect(all(alice.guest.stream('search', { text: 'x', from: 'nobody' }))).rejects.toMatchObject(unknown)
  })
})

describe('what was found', () => {
  const view: FoundView = {
    type: 'found',
    id: 'm1',
    chat: 'c1',
    group: 'Trip',
    from: `dchat1${'q'.repeat(40)}`,
    own: false,
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    excerpt: '…see the \u001b[31mlake\u202e today',
    marks: [[9, 18]],
  }

  test('is one safe line for people, with the words in bold', () => {
    const line = foundText(view, style(true), { ids: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(line.replace(/\u001b\[(?:1|2|22)m/g, '')).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(line).toMatch(/^m1 {2}/)
    expect(line).toContain(' (Trip): …see the \u001b[1m')
    expect(foundText({ ...view, own: true, excerpt: 'lake', marks: [] }, style(false))).toMatch(/ you \(Trip\): lake$/)
  })

  test('is one JSON line for programs', () => {
    const { type: _, at, ...rest } = view
    expect(foundFields(view)).toEqual({ ...rest, at: new Date(at).toISOString() })
  })
})

describe('a moment', () => {
  const now = Date.UTC(2026, 10, 21, 12)
  test.each([
    ['2h', now - 7_200_000],
    ['7d', now - 7 * 86_400_000],
    ['2026-11-21', new Date(2026, 10, 21).getTime()],
    ['2026-11-21T18:30', new Date(2026, 10, 21, 18, 30).getTime()],
    ['2026-11-21T18:30:05Z', Date.UTC(2026, 10, 21, 18, 30, 5)],
    ['2026-11-21T18:30+02:00', Date.UTC(2026, 10, 21, 16, 30)],
  ])('%s', (text, ms) => {
    expect(parseMoment(text, '--after', now)).toBe(ms)
  })

  test.each(['', 'yesterday', '2026-13-01', '2026-02-30', '21.11.2026', '2026-11-21 18:30', '7', '3y'])(
    'not %s',
    (text) => {
      expect(() => parseMoment(text, '--after', now)).toThrow(
        expect.objectContaining({ code: 'usage/invalid-argument' }),
      )
    },
  )
})
