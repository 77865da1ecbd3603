import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MessageRecord } from '../../src/client/records.ts'
import { wordsOf } from '../../src/domain/search/plain.ts'
import { tokensOf } from '../../src/domain/search/tokens.ts'
import type { SearchQuery } from '../../src/index.ts'
import type { MessageId } from '../../src/records/ids.ts'
import { CHATS, Device, message, PEOPLE, SELF, text, unsent } from './support.ts'

const VOCABULARY = [
  'apple',
  'Äpfel',
  'app',
  'ban',
  'banana',
  'new',
  'york',
  '天气',
  '今天天气',
  'iPhone手机',
  '🎉',
  'x-y',
]

/** What a person would find by reading everything: the words as lists, no index, no needles. */
const naive = (messages: readonly MessageRecord[], query: SearchQuery): readonly MessageId[] => {
  const parts = query.text.split('"')
  const terms = parts.flatMap((part, index) => {
    const isLast = index === parts.length - 1
    const words = index % 2 === 1 ? [part] : part.split(' ').filter((word) => word.length > 0)
    return words.map((word, at) => ({ tokens: tokensOf(word), prefix: isLast && at === words.length - 1 }))
  })
  return messages
    .filter(({ content, conversation, from, at }) => {
      const words = wordsOf(content)
      if (words === undefined) return false
      if (query.conversation !== undefined && conversation !== query.conversation) return false
      if (query.from !== undefined && from !== query.from) return false
      if (at < (query.after ?? 0) || at >= (query.before ?? Number.POSITIVE_INFINITY)) return false
      const tokens = tokensOf(words)
      return terms.every(({ tokens: wanted, prefix }) =>
        tokens.some((_, start) =>
          wanted.every(({ text: word, loose }, i) => {
            const found = tokens[start + i]?.text
            if (found === undefined) return false
            const isFirst = i === 0
            const isLast = i === wanted.length - 1
            if (loose && isFirst && isLast) return found.includes(word)
            if (loose && isFirst) return found.endsWith(word)
            if (loose && isLast) return found.startsWith(word)
            return prefix && isLast ? found.startsWith(word) : found === word
          }),
        ),
      )
    })
    .sort(
      (a, b) =>
        b.at - a.at || (a.conversation < b.conversation ? -1 : a.conversation > b.conversation ? 1 : b.place - a.place),
    )
    .map(({ id }) => id)
}

/** All pages, one after the other. */
const found = async (device: Device, query: SearchQuery): Promise<readonly MessageId[]> => {
  const ids: MessageId[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await device.search.messages({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.hits.length).toBeLessThanOrEqual(query.limit ?? 50)
    ids.push(...page.hits.map((hit) => hit.message))
    cursor = page.next
    if (cursor === undefined) return ids
  }
}

const words = fc.array(fc.constantFrom(...VOCABULARY), { minLength: 1, maxLength: 5 }).map((list) => list.join(' '))
const pick = fc.nat(1_000)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('new' as const),
      chat: fc.nat(2),
      from: fc.nat(3),
      words,
      gap: fc.nat(300),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('past' as const),
      chat: fc.nat(2),
      from: fc.nat(2),
      words,
      gap: fc.nat(300),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('queue' as const), chat: fc.nat(2), words }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sent' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('edit' as const), pick, words }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('expire' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('kill' as const), writes: fc.nat(3), quiet: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('search' as const),
      query: fc.record(
        {
          text: fc.oneof(
            fc
              .array(fc.constantFrom(...VOCABULARY, 'a', 'b', 'ne', '天'), { maxLength: 3 })
              .map((list) => list.join(' ')),
            fc.constantFrom('"new york"', '"new yor', '"banana new" ap', 'york "new"'),
          ),
          conversation: fc.constantFrom(...CHATS),
          from: fc.constantFrom(...PEOPLE, SELF),
          after: fc.nat(3_000),
          before: fc.nat(3_000),
          limit: fc.integer({ min: 1, max: 4 }),
        },
        { requiredKeys: ['text', 'limit'] },
      ),
    }),
  },
)

test('what is found is what reading everything finds, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const device = new Device()
      await device.chats()
      await device.open()
      let isOpen = true
      const messages: MessageRecord[] = []
      const places = [10_000, 10_000, 10_000]
      const past = [9_999, 9_999, 9_999]
      let time = 1_000
      let ordinal = 0
      const replace = async (index: number, next: MessageRecord | undefined) => {
        const before = messages[index] as MessageRecord
        await (next === undefined ? device.delete(before) : device.put(next))
        messages.splice(index, 1, ...(next === undefined ? [] : [next]))
      }
      for (const each of steps) {
        switch (each.type) {
          case 'new': {
            const place = (places[each.chat] as number) + 1 + each.gap
            places[each.chat] = place
            time += 7
            const from = [...PEOPLE, SELF][each.from] as typeof SELF
            const record = message({
              conversation: CHATS[each.chat] as never,
              from,
              content: text(each.words),
              at: time,
              place,
            })
            await device.put(record)
            messages.push(record)
            break
          }
          case 'past': {
            const place = (past[each.chat] as number) - 1 - each.gap
            past[each.chat] = place
            const from = PEOPLE[each.from] as typeof SELF
            const at = 900 - messages.length
            const record = message({
              conversation: CHATS[each.chat] as never,
              from,
              content: text(each.words),
              at,
              place,
            })
            await device.put(record)
            messages.push(record)
            break
          }
          case 'queue': {
            ordinal += 1
            time += 7
            const content = text(each.words)
            const record = message({
              conversation: CHATS[each.chat] as never,
              from: SELF,
              content,
              at: time,
              place: unsent(ordinal),
            })
            await device.put(record)
            messages.push(record)
            break
          }
          case 'sent': {
            const waiting = messages.flatMap(({ place }, index) => (place >= unsent(0) ? [index] : []))
            const index = waiting[each.pick % waiting.length]
            if (index === undefined) break
            const chat = CHATS.indexOf((messages[index] as MessageRecord).conversation)
            const place = (places[chat] as number) + 1
            places[chat] = place
            time += 7
            await replace(index, { ...(messages[index] as MessageRecord), place, at: time })
            break
          }
          case 'edit': {
            const index = each.pick % messages.length
            if (messages[index] !== undefined) await replace(index, { ...messages[index], content: text(each.words) })
            break
          }
          case 'delete': {
            const index = each.pick % messages.length
            const content = { type: 'deleted', by: SELF } as const
            if (messages[index] !== undefined) await replace(index, { ...messages[index], content })
            break
          }
          case 'expire': {
            const index = each.pick % messages.length
            if (messages[index] !== undefined) await replace(index, undefined)
            break
          }
          case 'settle':
            device.clock.settle()
            await new Promise((resolve) => setTimeout(resolve, 1))
            break
          case 'kill':
            // It dies in the middle of indexing, and what follows may happen while nobody indexes.
            device.writesLeft = each.writes
            device.clock.settle()
            await new Promise((resolve) => setTimeout(resolve, 1))
            device.start()
            isOpen = false
            await device.verify(messages)
            if (each.quiet) break
            await device.open()
            isOpen = true
            break
          case 'search': {
            if (!isOpen) await device.open()
            isOpen = true
            await device.search.ready()
            expect(await found(device, each.query)).toEqual(naive(messages, each.query))
          }
        }
      }
      await device.verify(messages)
      if (!isOpen) await device.open()
      await device.search.ready()
      expect(await found(device, { text: '' })).toEqual(naive(messages, { text: '' }))
      device.clock.settle()
      await new Promise((resolve) => setTimeout(resolve, 5))
      await device.verify(messages)
      device.start()
    }),
    { numRuns: 150 },
  )
}, 300_000)

const hundreds = (count: number): MessageRecord[] =>
  Array.from({ length: count }, (_, place) =>
    message({
      conversation: CHATS[place % 3] as never,
      from: PEOPLE[place % 3] as never,
      content: text(`word${place} common`),
      at: place,
      place,
    }),
  )

test('an index that is killed again and again comes to its end, without a word twice or lost', async () => {
  const device = new Device()
  await device.chats()
  const messages = hundreds(6_000)
  await device.put(...messages)
  let before = 0
  for (let start = 0; ; start++) {
    expect(start).toBeLessThan(30)
    device.start()
    await device.open()
    device.writesLeft = 2
    const early = await device.search.messages({ text: 'common', limit: 500 })
    expect(new Set(early.hits.map((hit) => hit.message)).size).toBe(early.hits.length)
    const [end] = await Promise.race([
      device.search.ready().then(() => [true]),
      new Promise<[boolean]>((resolve) => setTimeout(() => resolve([false]), 200)),
    ])
    const saved = await device.verify(messages)
    expect(saved).toBeGreaterThanOrEqual(before)
    before = saved
    if (end) break
    expect(early.complete).toBe(false)
  }
  expect(await found(device, { text: 'common', limit: 500 })).toHaveLength(6_000)
  expect(await found(device, { text: 'word59' })).toHaveLength(111)
  expect((await device.search.messages({ text: 'common' })).complete).toBe(true)
})

test('what was written while no index ran is found at the next start, and what is gone leaves no words behind', async () => {
  const device = new Device()
  await device.chats()
  const messages = hundreds(1_000)
  await device.put(...messages)
  await device.open()
  await device.search.ready()
  device.start()
  const [first, second, third] = messages as [MessageRecord, MessageRecord, MessageRecord]
  await device.delete(first)
  await device.put({ ...second, content: { type: 'deleted', by: SELF } })
  await device.put({ ...third, content: text('changed') })
  const held: string[] = []
  for (let after: string | undefined; ; ) {
    const { rows, next } = await device.store.read((tx) =>
      tx.scan('search', { limit: 50, ...(after ? { after } : {}) }),
    )
    held.push(...rows.map(({ value }) => (value as { text: string }).text))
    after = next
    if (after === undefined) break
  }
  for (const gone of ['word0', 'word1', 'word2']) expect(held.join(' ')).not.toContain(` ${gone} `)
  expect(held.join(' ')).toContain(' word999 ')
  await device.open()
  await device.search.ready()
  expect(await found(device, { text: 'changed' })).toEqual([third.id])
  for (const gone of ['word0 ', '"word1"', '"word2"'])
    expect(await found(device, { text: `${gone} common` })).toEqual([])
})

test('nothing that is searched can be read in the storage', async () => {
  const device = new Device()
  await device.chats()
  await device.put(
    message({
      conversation: CHATS[0] as never,
      from: PEOPLE[0] as never,
      content: text('Rumpelstiltskin rides'),
      at: 1,
      place: 1,
    }),
  )
  await device.open()
  await device.search.ready()
  expect(await found(device, { text: 'rumpel' })).toHaveLength(1)
  expect(await device.store.read((tx) => tx.count('search'))).toBe(1)
  const bytes = (await device.bytes()).toLowerCase()
  expect(bytes.length).toBeGreaterThan(500)
  for (const word of ['rumpelstiltskin', 'rides', CHATS[0] as string, PEOPLE[0] as string, 'segments'])
    expect(bytes).not.toContain(word)
})

test('a wrong question is refused', async () => {
  const device = new Device()
  await device.open()
  const refused = expect.objectContaining({ code: 'usage/invalid-argument' })
  for (const wrong of [{ limit: 0 }, { limit: 501 }, { limit: 1.5 }, { cursor: 'x' }, { cursor: '1/aa/2/3' }])
    await expect(device.search.messages({ text: 'a', ...wrong })).rejects.toEqual(refused)
  await expect(device.search.messages({ text: 'a'.repeat(1_001) })).rejects.toEqual(refused)
  await expect(device.search.people('a', { limit: 0 })).rejects.toEqual(refused)
})
