import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BotEvent, eventSchema } from '../../src/events/event.ts'
import { BODY_LIMIT, shortened } from '../../src/webhooks/shorten.ts'
import { messageEvent } from '../support/events.ts'

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
const withMessage = (more: object): BotEvent => {
  const event = messageEvent('a', 1)
  return { ...event, data: { ...event.data, message: { ...event.data.message, ...more } } }
}

test('what is short enough stays as it is', () => {
  const text = (length: number) => withMessage({ text: 'x'.repeat(length) })
  const free = BODY_LIMIT - bytesOf(text(0))
  expect(shortened(text(free))).toEqual(text(free))
  expect(shortened(text(free + 1)).data.shortened).toEqual(['message.text'])
})

test('a long text is cut as little as possible, and between characters', () => {
  const event = shortened(withMessage({ text: '👋'.repeat(20_000) }))
  if (event.type !== 'message.created') throw new Error('it is another event')
  expect(event.data.message.text).toMatch(/^(👋)+$/u)
  expect(event.data.shortened).toEqual(['message.text'])
  expect(BODY_LIMIT - bytesOf(event)).toBeLessThan(8)
})

test('the longest part is cut first, and others where that is not enough', () => {
  const address = `dchat1${'q'.repeat(60)}`
  const event = withMessage({
    ...{ text: '"'.repeat(12_000), command: { name: 'x', args: ['y'.repeat(18_000)] } },
    ...{
      mentions: Array(100).fill(address),
      keyboard: Array(20).fill([{ text: 'Link', url: `https://example.org/${'z'.repeat(900)}` }]),
    },
  })
  const cut = shortened(event)
  expect(bytesOf(cut)).toBeLessThanOrEqual(BODY_LIMIT)
  expect(cut.data.shortened?.slice(0, 2)).toEqual(['message.text', 'message.keyboard'])
  expect(eventSchema.parse(cut)).toEqual(cut)
})

test('many members are told as far as they fit', () => {
  const { data } = messageEvent('a', 1)
  const members = Array.from({ length: 500 }, (_, at) => ({ id: `dchat1${'q'.repeat(60)}${at}`, name: `Member ${at}` }))
  const { message: _, ...within } = data
  const event = eventSchema.parse({ ...messageEvent('a', 1), type: 'member.joined', data: { ...within, members } })
  const cut = shortened(event)
  if (cut.type !== 'member.joined') throw new Error('it is another event')
  expect(bytesOf(cut)).toBeLessThanOrEqual(BODY_LIMIT)
  expect(cut.data.members).toEqual(members.slice(0, cut.data.members.length))
  expect(cut.data.members.length).toBeGreaterThan(100)
  expect(cut.data.shortened).toEqual(['members'])
})

test('whatever is said, a body has at most 20,000 bytes and is an event', () => {
  const long = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30_000, size: 'max' }),
    fc.constant('\u0001'.repeat(9_000)),
  )
  const said = fc.record({
    text: long,
    args: fc.array(long, { maxLength: 3 }),
    mentions: fc.array(fc.string(), { maxLength: 100 }),
  })
  fc.assert(
    fc.property(said, ({ text, args, mentions }) => {
      const cut = shortened(withMessage({ text, mentions, command: { name: 'x', args } }))
      expect(bytesOf(cut)).toBeLessThanOrEqual(BODY_LIMIT)
      expect(eventSchema.safeParse(cut).success).toBe(true)
    }),
    { numRuns: 30 },
  )
})
