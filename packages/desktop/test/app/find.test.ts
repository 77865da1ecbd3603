import { AxeBuilder } from '@axe-core/playwright'
import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish } from './friends.ts'
import { describeApp, message, openApp, soon } from './support.ts'

describeApp('finding', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let friends: Awaited<ReturnType<typeof furnish>> | undefined
  let page: Page

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    page = await app.person('Alice')
    friends = await furnish(page, relay.url)
  })
  afterAll(async () => {
    await friends?.close()
    await app.close()
    await relay.close()
  })

  test('Ctrl+K goes to a conversation by the beginning of its name, with the keyboard alone', async () => {
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: 'Go to' })
    await field.fill('bo')
    await page.getByRole('option', { name: 'Bob' }).waitFor()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await field.press('Enter')
    await page.getByRole('heading', { name: 'Bob' }).waitFor()
    await message(page, 'with the trailer').waitFor()
  })

  test('Ctrl+K does what stands in it', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Go to' }).fill('deals')
    await page.getByRole('option', { name: 'Deals' }).click()
    await page.getByRole('heading', { name: 'Deals' }).waitFor()
  })

  test('words are found everywhere, and a press jumps to the message', async () => {
    await page.keyboard.press('Control+Shift+f')
    await page.getByRole('combobox', { name: 'Search everywhere' }).fill('trailer')
    await page.getByRole('option', { name: /with the trailer/ }).click()
    await message(page, 'with the trailer').waitFor()
  })

  test('search here looks in the open conversation alone', async () => {
    await page.keyboard.press('Control+f')
    const field = page.getByRole('combobox', { name: 'Search in this conversation' })
    await field.fill('Donaudampf')
    await page.getByText('No message has these words.').waitFor()
    await field.fill('gloves')
    await page.getByRole('option', { name: /gloves/ }).waitFor()
    await page.keyboard.press('Escape')
    await soon(() => field.count()).toBe(0)
    expect(app.complaints).toEqual([])
  })
})
