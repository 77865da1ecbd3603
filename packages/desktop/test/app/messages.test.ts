import { AxeBuilder } from '@axe-core/playwright'
import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { createClient, createIdentity, parseAddress, parseRelayUrl } from '@dchat/sdk'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addressOf,
  composer,
  describeApp,
  hasState,
  message,
  onMessage,
  openApp,
  soon,
  write,
  writeTo,
} from './support.ts'

describeApp('the life of a message', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let bob: Page

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ;[ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob', { colorScheme: 'dark' })])
  })
  afterAll(async () => {
    await app.close()
    await relay.close()
  })

  /** What axe says against the page; nothing. */
  const faults = async (page: Page) => {
    const { violations } = await new AxeBuilder({ page }).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  }

  test('a first message is a request, and allowing it opens the conversation', async () => {
    await writeTo(ann, await addressOf(bob))
    await write(ann, 'Hello **Bob**')
    const request = bob.getByRole('list', { name: 'Waiting for your answer' })
    await request.getByText('wants to write to you').waitFor()
    expect(await request.textContent()).toContain('Ann')
    // Until it is open, it says so, and by whose name.
    await relay.stop()
    await request.getByRole('button', { name: 'Allow' }).click()
    await bob.getByRole('status').filter({ hasText: 'Joins when you are connected' }).waitFor()
    await bob.getByRole('heading', { name: 'Ann', exact: true }).waitFor({ state: 'attached' })
    expect(await bob.getByText(/No messages yet|no longer in this conversation/).count()).toBe(0)
    await relay.start()
    await message(bob, 'Hello Bob').waitFor()
    expect(await message(bob, 'Hello Bob').locator('strong').textContent()).toBe('Bob')
    await hasState(ann, 'Hello Bob', 'read')
  })

  test('is answered, reacted to, edited and deleted, with the keyboard alone', async () => {
    await composer(bob).focus()
    await onMessage(bob, 'Hello Bob', 'r')
    await bob.keyboard.type('Hello Ann')
    await bob.keyboard.press('Enter')
    await message(ann, 'Hello Ann')
      .getByRole('button', { name: /In answer to/ })
      .waitFor()

    await onMessage(ann, 'Hello Ann', 'e')
    await ann.getByRole('button', { name: 'React with 👍' }).click()
    await message(bob, 'Hello Ann').getByRole('button', { name: '👍 Ann' }).waitFor()

    await composer(bob).focus()
    await bob.keyboard.press('ArrowUp')
    expect(await composer(bob).inputValue()).toBe('Hello Ann')
    await composer(bob).fill('Good morning, Ann')
    await bob.keyboard.press('Enter')
    await message(ann, 'Good morning, Ann').getByRole('button', { name: 'Edited' }).click()
    const history = ann.getByRole('dialog', { name: 'Earlier wordings' })
    await history.getByText('Hello Ann', { exact: true }).waitFor()
    await ann.keyboard.press('Escape')

    await write(bob, 'a slip')
    await message(ann, 'a slip').waitFor()
    await onMessage(bob, 'a slip', 'Delete')
    await bob.getByRole('button', { name: 'Delete for everybody' }).click()
    await message(ann, 'Message deleted').waitFor()
    expect(await message(ann, 'a slip').count()).toBe(0)
  })

  test('a slash lists what can be begun, and what is no command is sent as it is', async () => {
    await composer(ann).focus()
    await ann.keyboard.type('/')
    await ann.getByRole('option', { name: 'Search here' }).waitFor()
    await ann.keyboard.type('ti')
    await soon(() => ann.getByRole('option').allInnerTexts()).toEqual([expect.stringContaining('/timer')])
    await ann.keyboard.press('Enter')
    await ann.getByRole('complementary', { name: 'Details' }).waitFor()
    expect(await composer(ann).inputValue()).toBe('')
    await ann.getByRole('button', { name: 'Close details' }).click()
    await write(ann, '/nothing like it')
    await message(bob, '/nothing like it').waitFor()
  })

  test('a quote leads to its origin', async () => {
    await message(ann, 'Good morning, Ann')
      .getByRole('button', { name: /In answer to/ })
      .click()
    await soon(() => ann.evaluate(() => document.activeElement?.textContent)).toMatch(/^\s*Hello Bob/)
  })

  test('waits while the relay is away, says so, and goes out when it is back', async () => {
    await relay.stop()
    await ann
      .getByText(/^Offline since/)
      .first()
      .waitFor()
    await write(ann, 'written offline')
    await message(ann, 'written offline').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    await write(ann, 'and this too')
    await ann
      .getByText(/^Offline since/)
      .first()
      .waitFor()
    await relay.start()
    await message(bob, 'and this too').waitFor()
    await hasState(ann, 'and this too', 'read')
    const order = (await bob.getByRole('log').getByRole('article').allInnerTexts()).join('\n')
    expect(order.indexOf('written offline')).toBeLessThan(order.indexOf('and this too'))
    await ann
      .getByText(/^Offline since/)
      .first()
      .waitFor({ state: 'detached' })
  })

  test('what comes while one reads elsewhere stands in the list, and a draft is kept', async () => {
    await composer(bob).fill('half a sen')
    await bob.getByRole('button', { name: 'Contacts' }).first().click()
    await write(ann, 'are you there?')
    await bob.getByRole('button', { name: 'Conversations' }).first().click()
    const row = bob.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Ann/ })
    await row.getByText('1 unread').waitFor({ state: 'attached' })
    await row.getByText('half a sen').waitFor()
    await row.click()
    await bob.getByText('New messages').waitFor()
    expect(await composer(bob).inputValue()).toBe('half a sen')
    await hasState(ann, 'are you there?', 'read')
    await composer(bob).fill('')
  })

  test('buttons of a bot are pressed, and what it answers is told', async () => {
    const bot = await createClient({ identity: createIdentity(), relays: [relay.url], strangers: 'allow' })
    await bot.profiles.set({ name: 'Lunch' })
    await bot.connect()
    const pressed = (async () => {
      for await (const arrival of bot.messages.arrivals({ name: 'bot', signal: AbortSignal.timeout(60_000) }))
        if (arrival.type === 'press') return arrival
      throw new Error('the stream ended')
    })()
    const chat = await bot.conversations.dm(parseAddress(await addressOf(ann)), { relays: [parseRelayUrl(relay.url)] })
    const asked = chat.send({
      type: 'text',
      text: 'Where do we eat?',
      keyboard: [
        [
          { text: 'Pizza', callback: 'v:1' },
          { text: 'Soup', callback: 'v:2' },
        ],
        [{ text: 'The menu', url: 'https://example.org/menu' }],
      ],
    })
    await ann.getByRole('list', { name: 'Waiting for your answer' }).getByRole('button', { name: 'Allow' }).click()
    await asked
    const question = message(ann, 'Where do we eat?')
    await question.getByRole('button', { name: 'The menu' }).waitFor()
    await question.getByRole('button', { name: 'Soup' }).click()
    const { press, callback } = await pressed
    expect(callback).toBe('v:2')
    await bot.messages.answerPress(press, { text: 'Soup it is.' })
    await ann.getByText('Soup it is.').waitFor()
    await bot.close()
  })

  test('axe finds nothing, in light and dark, wide and narrow', async () => {
    expect(await faults(ann)).toEqual([])
    expect(await faults(bob)).toEqual([])
    await bob.setViewportSize({ width: 390, height: 844 })
    expect(await faults(bob)).toEqual([])
    await bob.setViewportSize({ width: 1280, height: 800 })
    await ann.getByRole('button', { name: 'Details', exact: true }).click()
    expect(await faults(ann)).toEqual([])
    expect(app.complaints).toEqual([])
  })
})
