import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBot } from '../../src/index.ts'
import { testBot } from '../../src/testing.ts'

const NAMES = ['alice', 'bob', 'carol'] as const

test('events of one conversation are handled one after the other and in order, whatever handlers wait for', async () => {
  const message = fc.record({ from: fc.constantFrom(...NAMES), waits: fc.nat(4) })
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
      const began: [string, number][] = []
      const running = new Map<string, number>()
      const bot = createBot().on('message:text', async (ctx) => {
        const [index = 0, waits = 0] = (ctx.text ?? '').split('/').map(Number)
        const { id } = ctx.conversation
        running.set(id, (running.get(id) ?? 0) + 1)
        expect(running.get(id)).toBe(1)
        began.push([id, index])
        for (let turn = 0; turn < waits; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
        running.set(id, 0)
      })
      await using t = await testBot(bot)
      const sent = new Map<string, number[]>()
      for (const [index, { from, waits }] of messages.entries()) {
        // Not awaited by settling: they are under way together.
        const { id } = await t.user(from).conversation()
        sent.set(id, [...(sent.get(id) ?? []), index])
        await t.user(from).post(`${index}/${waits}`)
      }
      await t.settle()
      for (const [id, order] of sent) expect(began.filter(([at]) => at === id).map(([, index]) => index)).toEqual(order)
      expect(began).toHaveLength(messages.length)
    }),
    { numRuns: 5 },
  )
})

test('different conversations are handled side by side', async () => {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const bot = createBot().on('message:text', async (ctx) => {
    if (ctx.text === 'wait') await held
    if (ctx.text === 'go') release()
    await ctx.reply(`done: ${ctx.text}`)
  })
  await using t = await testBot(bot)
  await t.user('alice').post('wait')
  await t.user('bob').post('go')
  await t.settle()
  expect(await t.user('bob').replies()).toMatchObject([{ text: 'done: go' }])
  expect(await t.user('alice').replies()).toMatchObject([{ text: 'done: wait' }])
})
