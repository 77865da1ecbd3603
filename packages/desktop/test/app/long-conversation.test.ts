import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { type Chat, type Client, createClient, createIdentity } from '@dchat/sdk'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeApp, hasState, message, openApp, soon, write, writeTo } from './support.ts'

const LINES = 240
/** Of different heights, as people write. */
const line = (i: number): string => `line ${i}${i % 7 === 0 ? ' and more of it'.repeat(12) : ''}`

describeApp('a long conversation', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let carla: Client
  let chat: Chat
  let ann: Page

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ann = await app.person('Ann')
    carla = await createClient({
      identity: createIdentity(),
      relays: [relay.url],
      store: ':memory:',
      strangers: 'allow',
    })
    await carla.profiles.set({ name: 'Carla' })
    await carla.connect()
    await writeTo(ann, carla.address)
    await write(ann, 'hello')
    await hasState(ann, 'hello', 'delivered')
    const { items } = await carla.conversations.list()
    const [known] = items
    if (known?.peer === undefined) throw new Error('nothing came')
    chat = await carla.conversations.dm(known.peer)
    await ann.getByRole('button', { name: 'Contacts' }).first().click()
    for (let i = 0; i < LINES; i++) await chat.send(line(i))
    await carla.messages.waitFor((await newest()).id, 'delivered', { timeout: 60_000 })
    await ann.getByRole('button', { name: 'Conversations' }).first().click()
    await ann.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Carla/ }).click()
  })
  afterAll(async () => {
    await app.close()
    await carla.close()
    await relay.close()
  })

  const newest = async () => {
    const { items } = await carla.messages.list(chat.id, { limit: 1 })
    const [last] = items
    if (last === undefined) throw new Error('nothing was sent')
    return last
  }
  const log = () => ann.getByRole('log')
  const drawn = () => log().getByRole('article').count()
  const atEnd = () =>
    log().evaluate(({ scrollTop, clientHeight, scrollHeight }) => scrollHeight - clientHeight - scrollTop)
  const show = async (text: string): Promise<void> => {
    await soon(async () => {
      await log().evaluate((element) => element.scrollBy(0, -2_000))
      return message(ann, text).count()
    }).toBeGreaterThan(0)
  }

  test('begins at the first unread message, and is drawn where one looks and nowhere else', async () => {
    await ann.getByText('New messages').waitFor()
    await message(ann, line(0)).waitFor()
    expect(await message(ann, line(LINES - 1)).count()).toBe(0)
    await ann.getByRole('button', { name: /\d+ new, go to the newest/ }).click()
    await message(ann, line(LINES - 1)).waitFor()
    await soon(atEnd).toBeLessThan(4)
    expect(await drawn()).toBeLessThan(40)
    await write(ann, 'I am here')
    await hasState(ann, 'I am here', 'delivered')
    await soon(atEnd).toBeLessThan(4)
    // A burst is followed as well.
    for (let i = 0; i < 60; i++) await chat.send(`burst ${i}`)
    await message(ann, 'burst 59').waitFor()
    await soon(atEnd).toBeLessThan(4)
  })

  test('grows upwards without a jump', async () => {
    const shifts = await log().evaluate(async (element) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const moved: number[] = []
      for (let round = 0; round < 12; round++) {
        element.scrollTop = Math.max(0, element.scrollTop - 400)
        await frame()
        await frame()
        const top = element.getBoundingClientRect().top
        const seen = [...element.querySelectorAll<HTMLElement>('article')].find(
          (each) => each.getBoundingClientRect().top > top + 20,
        )
        const before = seen?.getBoundingClientRect().top ?? 0
        for (let i = 0; i < 12; i++) await frame()
        if (seen?.isConnected) moved.push(Math.abs(seen.getBoundingClientRect().top - before))
      }
      return moved
    })
    expect(shifts.length).toBeGreaterThan(8)
    expect(Math.max(...shifts)).toBeLessThanOrEqual(1)
    await show('line 0')
    expect(await drawn()).toBeLessThan(60)
  })

  test('does not move when something new comes, but tells how much', async () => {
    const top = () => log().evaluate(({ scrollTop }) => scrollTop)
    const before = await top()
    await chat.send('news 1')
    await chat.send('news 2')
    await ann.getByRole('button', { name: '2 new, go to the newest' }).waitFor()
    expect(await top()).toBe(before)
    await ann.getByRole('button', { name: '2 new, go to the newest' }).click()
    await message(ann, 'news 2').waitFor()
    await soon(atEnd).toBeLessThan(4)
    await ann.getByText('New messages').waitFor()
    await carla.messages.waitFor((await newest()).id, 'read')
  })

  test('stays at its end when the window becomes lower', async () => {
    await ann.setViewportSize({ width: 1280, height: 500 })
    await soon(atEnd).toBeLessThan(4)
    await ann.setViewportSize({ width: 1280, height: 800 })
    await soon(atEnd).toBeLessThan(4)
  })

  test('is walked through with arrows', async () => {
    const focused = () => ann.evaluate(() => document.activeElement?.closest('article')?.textContent ?? '')
    await log().focus()
    await ann.keyboard.press('ArrowUp')
    await soon(focused).toContain('news 2')
    await ann.keyboard.press('ArrowUp')
    await soon(focused).toContain('news 1')
    await ann.keyboard.press('End')
    await soon(focused).toContain('news 2')
    // Keys that come faster than the screen is drawn are not lost.
    await log().focus()
    await log().evaluate((list) => {
      for (let i = 0; i < 3; i++) list.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }))
    })
    await soon(focused).toContain('burst 59')
    expect(app.complaints).toEqual([])
  })
})
