import type { Address, Message } from '@dchat/sdk'
import { describe, expect, test } from 'vitest'
import { changeFinder } from '../src/methods/events.ts'
import { merge } from '../src/methods/merge.ts'

const BASE = {
  id: 'm1',
  conversation: 'c1',
  from: 'a1',
  device: 'd1',
  own: true,
  state: 'sent',
  at: 0,
  content: { type: 'text', text: 'hello' },
} as unknown as Message

const like = (over: Partial<Message>): Message => ({ ...BASE, ...over })

describe('what of a message is other than it was', () => {
  test('its words, reactions, pin and deletion; not how far it came', () => {
    const changed = changeFinder()
    expect(changed(BASE)).toEqual([])
    expect(changed(like({ state: 'delivered', receipts: { delivered: [], read: [] } }))).toEqual([])
    const reactions = [{ emoji: '+1', from: ['a2' as Address] }]
    expect(changed(like({ reactions }))).toEqual(['reactions'])
    expect(changed(like({ reactions, state: 'read' }))).toEqual([])
    expect(changed(like({ reactions, editedAt: 1 }))).toEqual(['text'])
    expect(changed(like({ reactions, editedAt: 2 }))).toEqual(['text'])
    expect(changed(like({ reactions, editedAt: 2, pinned: true }))).toEqual(['pinned'])
    expect(changed(like({ editedAt: 2, pinned: true }))).toEqual(['reactions'])
    expect(changed(like({ content: { type: 'deleted', by: 'a1' as Address } }))).toEqual(['deleted'])
    expect(changed(like({ content: { type: 'deleted', by: 'a1' as Address } }))).toEqual([])
  })
})

describe('several sources as one', () => {
  async function* counting(from: number, gate: Promise<unknown> = Promise.resolve()): AsyncGenerator<number> {
    await gate
    for (let n = from; n < 1000; n += 10) yield n
  }

  test('each element as it comes, and an end for all of them', async () => {
    let ended = false
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const seen: number[] = []
    const both = merge([counting(1), counting(2, gate)], () => {
      ended = true
    })
    for await (const value of both) {
      seen.push(value)
      if (seen.length === 3) open()
      if (value % 10 === 2) break
    }
    expect(seen.slice(0, 3)).toEqual([1, 11, 21])
    expect(seen.at(-1)).toBe(2)
    expect(ended).toBe(true)
  })

  test('a failure of one is the failure of all', async () => {
    let ended = false
    async function* failing(): AsyncGenerator<number> {
      yield 1
      throw new Error('broken')
    }
    const all = merge([failing(), counting(2, new Promise(() => {}))], () => {
      ended = true
    })
    expect((await all.next()).value).toBe(1)
    await expect(all.next()).rejects.toThrow('broken')
    expect(ended).toBe(true)
  })
})
