import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expiryOf } from '../../src/domain/messages/expiry.ts'
import {
  applyAction,
  EDIT_WINDOW,
  EDITIONS_LIMIT,
  isEmoji,
  type MessageAction,
  type MessageLife,
  REACTIONS_LIMIT,
} from '../../src/domain/messages/life.ts'
import { previewOf } from '../../src/domain/messages/preview.ts'
import { type Receipts, reachedAll, receiversOf, reportsTo, withReport } from '../../src/domain/messages/receipts.ts'
import { parseRelayUrl } from '../../src/protocol/wire/relay-url.ts'
import type { Content, SendableContent } from '../../src/records/content.ts'
import type { Notice, Person } from '../../src/records/group.ts'
import type { Address, MessageId } from '../../src/records/ids.ts'

const [ann, bea, cid] = ['dchat1ann', 'dchat1bea', 'dchat1cid'] as [Address, Address, Address]
const START = 1_700_000_000_000
const id = (text: string) => text as MessageId
const text = (words: string, more: object = {}): SendableContent => ({ type: 'text', text: words, ...more })
const message = (content: Content = text('first')): MessageLife => ({ from: ann, at: START, content })
const react = (from: Address, emoji: string): MessageAction => ({ type: 'react', id: id('r'), from, emoji })
const edit = (from: Address, words: string, at = START + 1): MessageAction => ({
  type: 'edit',
  from,
  at,
  content: text(words),
})
const remove = (from: Address, moderates = false): MessageAction => ({ type: 'delete', from, moderates })
const after = (target: MessageLife, ...actions: MessageAction[]): MessageLife =>
  actions.reduce((state, action) => {
    const next = applyAction(state, action)
    if (typeof next === 'string') throw new Error(next)
    return next
  }, target)

describe('who may do what to a message', () => {
  const deleted = message({ type: 'deleted', by: ann })
  const notice = message({ type: 'notice', notice: { kind: 'left', by: ann } })
  const unknown = message({ type: 'unknown', mediaType: 'image/png', fallback: '', bytes: new Uint8Array() })
  test.each<[string, MessageLife, MessageAction, string | true]>([
    ['its author edits it', message(), edit(ann, 'second'), true],
    ['somebody else edits it', message(), edit(bea, 'second'), 'only its author edits a message'],
    ['an edit at the end of the day', message(), edit(ann, 'second', START + EDIT_WINDOW), true],
    [
      'an edit after a day',
      message(),
      edit(ann, 'second', START + EDIT_WINDOW + 1),
      'a message can be edited for a day',
    ],
    ['an edit to nothing', message(), edit(ann, ''), 'only text can take its place'],
    ['an edit to what is no text', message(), { type: 'edit', from: ann, at: START }, 'only text can take its place'],
    ['an edit of what is no text', unknown, edit(ann, 'second'), 'only text can be edited'],
    ['an edit of a deleted message', deleted, edit(ann, 'second'), 'it is deleted'],
    ['an edit of a notice', notice, edit(ann, 'second'), 'it is no message of a person'],
    ['its author deletes it', message(), remove(ann), true],
    ['a moderator deletes it', message(), remove(bea, true), true],
    ['somebody else deletes it', message(), remove(bea), 'only its author or a moderator deletes a message'],
    ['content of any kind is deleted', unknown, remove(ann), true],
    ['a notice is deleted', notice, remove(ann, true), 'it is no message of a person'],
    ['anybody reacts', message(), react(cid, '👍'), true],
    ['a reaction to a deleted message', deleted, react(cid, '👍'), 'it is deleted'],
    ['a reaction to a notice', notice, react(cid, '👍'), 'it is no message of a person'],
    ['an empty reaction', message(), react(cid, ''), 'a reaction has 1 to 64 bytes and no control characters'],
    [
      'a reaction with an escape',
      message(),
      react(cid, '\u001b[31m'),
      'a reaction has 1 to 64 bytes and no control characters',
    ],
    [
      'a reaction of 65 bytes',
      message(),
      react(cid, 'x'.repeat(65)),
      'a reaction has 1 to 64 bytes and no control characters',
    ],
  ])('%s', (_, target, action, verdict) => {
    const next = applyAction(target, action)
    if (verdict === true) expect(next).toBeTypeOf('object')
    else expect(next).toBe(verdict)
  })

  test('emoji of several parts fit', () => {
    for (const emoji of ['👍', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'ok']) expect(isEmoji(emoji)).toBe(true)
  })
})

describe('what actions leave', () => {
  test('an edit keeps the earlier wordings, the reply and the mark of a forwarded message', () => {
    const first = message(text('one', { replyTo: id('0'), forwarded: true }))
    const last = after(first, edit(ann, 'two', START + 5), {
      type: 'edit',
      from: ann,
      at: START + 9,
      content: { type: 'markdown', markdown: '*three*', replyTo: id('elsewhere') },
    })
    expect(last).toMatchObject({
      at: START,
      editedAt: START + 9,
      content: { type: 'markdown', markdown: '*three*', replyTo: '0', forwarded: true },
      editions: [
        { at: START, content: { text: 'one' } },
        { at: START + 5, content: { text: 'two' } },
      ],
    })
  })

  test('a deletion leaves who made it and nothing of what was said', () => {
    const gone = after(message(text('secret')), react(bea, '👍'), edit(ann, 'secret too'), remove(bea, true))
    expect(gone).toEqual({ from: ann, at: START, content: { type: 'deleted', by: bea } })
    expect(after(gone, remove(ann))).toBe(gone)
  })

  test('a reaction counts once, and is taken back by its person alone', () => {
    const liked = after(message(), react(bea, '👍'), react(cid, '👍'))
    expect(after(liked, react(bea, '👍'))).toBe(liked)
    expect(after(liked, { type: 'unreact', from: ann, emoji: '👍' })).toBe(liked)
    const less = after(liked, { type: 'unreact', from: bea, emoji: '👍' })
    expect(less.reactions?.map(({ from }) => from)).toEqual([cid])
    expect(after(less, { type: 'unreact', from: cid, emoji: '👍' })).toEqual(message())
  })

  test('twenty reactions of one person, a hundred edits and a megabyte of earlier wordings are the most', () => {
    const marks = Array.from({ length: REACTIONS_LIMIT }, (_, i) => react(bea, `${i}`))
    const full = after(message(), ...marks)
    expect(applyAction(full, react(bea, 'one more'))).toBeTypeOf('string')
    expect(applyAction(full, react(cid, 'one more'))).toBeTypeOf('object')
    const edits = Array.from({ length: EDITIONS_LIMIT }, (_, i) => edit(ann, `${i}`))
    expect(applyAction(after(message(), ...edits), edit(ann, 'again'))).toBeTypeOf('string')
    const long = Array.from({ length: 17 }, () => edit(ann, 'é'.repeat(31_000)))
    expect(after(message(), ...long.slice(0, 16)).editions).toHaveLength(16)
    expect(() => after(message(), ...long, ...long)).toThrow('too much room')
  })
})

const action = fc.oneof<fc.Arbitrary<MessageAction>[]>(
  fc.record({
    type: fc.constant('react' as const),
    id: fc.uuid().map(id),
    from: fc.constantFrom(ann, bea, cid),
    emoji: fc.constantFrom('👍', '👎', '', '\u0007', 'x'.repeat(70)),
  }),
  fc.record({
    type: fc.constant('unreact' as const),
    from: fc.constantFrom(ann, bea, cid),
    emoji: fc.constantFrom('👍', '👎'),
  }),
  fc.record({
    type: fc.constant('edit' as const),
    from: fc.constantFrom(ann, bea),
    at: fc.integer({ min: START, max: START + EDIT_WINDOW + 10 }),
    content: fc.constantFrom(text('a'), text('b'), { type: 'markdown' as const, markdown: '*c*' }, text('')),
  }),
  fc.record({
    type: fc.constant('delete' as const),
    from: fc.constantFrom(ann, bea, cid),
    moderates: fc.boolean(),
  }),
)
const read = (actions: readonly MessageAction[]): MessageLife =>
  actions.reduce((state, each) => {
    const next = applyAction(state, each)
    return typeof next === 'string' ? state : next
  }, message())

test('whatever is done, by whomever: what the rules promise holds, and two readers agree', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const state = read(actions)
      expect(read(structuredClone(actions))).toEqual(state)
      expect(structuredClone(state)).toEqual(state)
      expect(state).toMatchObject({ from: ann, at: START })
      const marks = (state.reactions ?? []).map(({ from, emoji }) => `${from} ${emoji}`)
      expect(new Set(marks).size).toBe(marks.length)
      if (state.content.type === 'deleted') expect(Object.keys(state).sort()).toEqual(['at', 'content', 'from'])
      const honest = actions.filter((each) => each.from === ann || each.type === 'react' || each.type === 'unreact')
      const allowed = actions.filter((each) => each.type !== 'edit' || each.from === ann)
      if (!actions.some((each) => each.type === 'delete' && each.moderates)) expect(read(honest)).toEqual(state)
      expect(read(allowed)).toEqual(state)
    }),
    { numRuns: 500 },
  )
})

test('an action that was applied changes nothing when it is read a second time at once', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 20 }), action, (actions, last) => {
      fc.pre(last.type !== 'edit')
      const once = read([...actions, last])
      expect(read([...actions, last, last])).toEqual(once)
    }),
  )
})

test('the earlier of timer and named end wins', () => {
  expect(expiryOf(START, 0, undefined)).toBeUndefined()
  expect(expiryOf(START, 60, undefined)).toBe(START + 60_000)
  expect(expiryOf(START, 60, { relative: true, time: 5 })).toBe(START + 5_000)
  expect(expiryOf(START, 60, { relative: false, time: START / 1_000 + 90 })).toBe(START + 60_000)
  expect(expiryOf(START, 0, { relative: false, time: 7 })).toBe(7_000)
  expect(expiryOf(START, 0, { relative: false, time: 0 })).toBeUndefined()
})

describe('receipts in groups', () => {
  const fresh: Receipts = { epoch: 3, delivered: [], read: [] }
  const person = (address: Address, since: number): Person => ({ address, role: 'member', since, log: 1 })
  test('a message is delivered when everybody has it and read when everybody read it', () => {
    const one = withReport(fresh, bea, 'read')
    expect(reachedAll(one, [bea, cid])).toBeUndefined()
    const two = withReport(one, cid, 'delivered')
    expect(reachedAll(two, [bea, cid])).toBe('delivered')
    expect(reachedAll(withReport(two, cid, 'read'), [bea, cid])).toBe('read')
    expect(reachedAll(two, [])).toBeUndefined()
  })
  test('a message is for those who were in when it was sent and still are', () => {
    expect(receiversOf(fresh, [person(ann, 0), person(bea, 3), person(cid, 4)], ann)).toEqual([bea])
  })
  test('reports go to at most fifty people, unless somebody chose', () => {
    expect([reportsTo(50, undefined), reportsTo(51, undefined)]).toEqual([true, false])
    expect([reportsTo(1_000, true), reportsTo(2, false)]).toEqual([true, false])
  })
  test('reports in any order, late or twice, lead to the same people', () => {
    const report = fc.tuple(fc.constantFrom(ann, bea, cid), fc.constantFrom('delivered' as const, 'read' as const))
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        const told = (list: typeof reports) =>
          list.reduce((state, [from, status]) => withReport(state, from, status), fresh)
        const sorted = ({ delivered, read: seen }: Receipts) => [[...delivered].sort(), [...seen].sort()]
        expect(sorted(told([...reports].reverse()))).toEqual(sorted(told(reports)))
        expect(told([...reports, ...reports])).toEqual(told(reports))
      }),
    )
  })
})

test('every notice and a deleted message have a line for lists', () => {
  const notices: Notice[] = [
    { kind: 'created', by: ann },
    { kind: 'added', by: ann, people: [bea, cid] },
    { kind: 'removed', by: ann, people: [bea] },
    { kind: 'left', by: ann },
    { kind: 'renamed', by: ann, name: 'Walks\nand talks' },
    { kind: 'picture', by: ann },
    { kind: 'role', by: ann, address: bea, role: 'admin' },
    { kind: 'timer', by: ann, seconds: 0 },
    { kind: 'timer', by: ann, seconds: 7_200 },
    { kind: 'pinned', by: ann, message: id('00') },
    { kind: 'unpinned', by: ann, message: id('00') },
    { kind: 'repaired', by: ann },
    { kind: 'approval-lifted', by: ann },
    { kind: 'bot-installed', by: ann, address: ann, read: 'all' },
    { kind: 'bot-scope-changed', by: ann, address: ann, read: [] },
    { kind: 'bot-removed', by: ann, address: ann },
    { kind: 'hubs', by: ann, hubs: [parseRelayUrl('wss://a.example')] },
    { kind: 'moved', by: ann, hub: parseRelayUrl('wss://a.example') },
  ]
  const lines = notices.map((notice) => previewOf({ type: 'notice', notice }))
  expect(new Set(lines).size).toBe(lines.length)
  for (const line of lines) expect(line).toMatch(/^\S[^\n]*\.$/)
  expect(lines[4]).toContain('“Walks and talks”')
  expect(lines[8]).toContain('2 hours')
  expect(previewOf({ type: 'deleted', by: ann })).toBe('This message was deleted.')
})
