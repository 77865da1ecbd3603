import { readFile } from 'node:fs/promises'
import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { verifyReceipt } from '@dchat/sdk'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressOf, composer, describeApp, message, openApp, write, writeTo } from './support.ts'

describeApp('a deal', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let bob: Page

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ;[ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob', { colorScheme: 'dark' })])
    await writeTo(ann, await addressOf(bob))
    await write(ann, 'I sell a bicycle')
    await bob.getByRole('button', { name: 'Allow' }).click()
    await message(bob, 'I sell a bicycle').waitFor()
  })
  afterAll(async () => {
    await app.close()
    await relay.close()
  })

  const card = (page: Page) => page.getByRole('log').getByRole('article', { name: 'Offer: Bicycle' }).last()

  test('is offered, countered in place, and accepted with the amount on the button', async () => {
    await ann.getByRole('button', { name: 'Add', exact: true }).click()
    await ann.getByRole('menuitem', { name: 'Make an offer' }).click()
    const form = ann.getByRole('form', { name: 'New offer' })
    await form.getByRole('button', { name: 'Send offer' }).click()
    await form.getByText('Say what it is about.').waitFor()
    await form.getByLabel('What', { exact: true }).fill('Bicycle')
    await form.getByLabel('Total').fill('120')
    await form.getByRole('button', { name: 'Send offer' }).click()

    await card(bob).getByText('Your turn').waitFor()
    await card(bob).getByRole('button', { name: 'Counter' }).click()
    const counter = bob.getByRole('form', { name: 'Counter-offer' })
    expect(await counter.getByRole('button', { name: /^Counter with/ }).isDisabled()).toBe(true)
    await counter.getByLabel('Total').fill('105.00')
    await counter.getByLabel('What changes').getByText('105.00 EUR').waitFor()
    await counter.getByRole('button', { name: 'Counter with 105.00 EUR' }).click()

    await card(ann).getByText('\u221212.5').waitFor()
    await card(ann).getByRole('button', { name: 'Accept' }).click()
    const sheet = ann.getByRole('dialog', { name: 'Accept this offer' })
    await sheet.getByRole('button', { name: 'Accept 105.00 EUR' }).click()
    for (const page of [ann, bob]) await card(page).getByText('Agreed', { exact: true }).waitFor()
  })

  test('is settled step by step, each by whose step it is', async () => {
    await card(ann).getByRole('button', { name: 'Request payment' }).click()
    const asked = ann.getByRole('dialog', { name: 'Request payment' })
    await asked.getByLabel('Account or link').fill('DE02 1203 0000 0000 2020 51')
    await asked.getByLabel('Reference').fill('bicycle')
    await asked.getByRole('button', { name: 'Request 105.00 EUR' }).click()
    // Who pays reads how much, where to, and what it is to be known by.
    const request = card(bob).getByRole('region', { name: 'Payment request' })
    for (const text of ['To pay', '105.00', 'DE02 1203 0000 0000 2020 51', 'bicycle'])
      await request.getByText(text).waitFor()
    await request.getByRole('button', { name: 'Copy where to pay' }).waitFor()
    await card(ann).getByText('You asked for').waitFor()
    await card(bob).getByRole('button', { name: 'I have paid' }).click()
    await card(ann).getByRole('button', { name: 'The payment came' }).click()
    for (const page of [ann, bob]) await card(page).getByText('Paid', { exact: true }).waitFor()
    expect(await card(bob).getByRole('button', { name: 'The payment came' }).count()).toBe(0)
  })

  test('has a receipt that both sides save equal, and that verifies without them', async () => {
    const save = async (page: Page): Promise<Uint8Array> => {
      await card(page).getByRole('button', { name: 'Receipt' }).click()
      const dialog = page.getByRole('dialog', { name: 'Receipt' })
      await dialog.getByText('Every signature in it holds.').waitFor()
      const coming = page.waitForEvent('download')
      await dialog.getByRole('button', { name: 'Save', exact: true }).click()
      const file = await readFile(await (await coming).path())
      await page.keyboard.press('Escape')
      return file
    }
    // A window of the system, which nobody answers here, would ask where to.
    for (const page of [ann, bob])
      await page.evaluate(() => Object.defineProperty(globalThis, 'showSaveFilePicker', { value: undefined }))
    const [hers, his] = [await save(ann), await save(bob)]
    expect(Buffer.from(hers).equals(Buffer.from(his))).toBe(true)
    const verified = await verifyReceipt(hers)
    expect(verified.terms.price.total.minor).toBe('10500')
    expect(verified.parties).toHaveLength(2)
  })

  test('stands on the board where it belongs', async () => {
    await bob.getByRole('button', { name: 'Deals', exact: true }).click()
    await bob.getByRole('tab', { name: /In settlement/ }).click()
    await bob.getByRole('button', { name: /Bicycle/ }).click()
    await bob.getByRole('complementary', { name: 'Deal' }).getByText('Ann offered 120.00 EUR').waitFor()
    await bob.getByRole('button', { name: 'Open the conversation' }).click()
    await composer(bob).waitFor()
  })

  test('from a listing takes from its stock, and the last piece goes to one', async () => {
    await ann.getByRole('button', { name: 'Listings', exact: true }).click()
    await ann.getByRole('button', { name: 'Create a listing' }).click()
    const form = ann.getByRole('form', { name: 'New listing' })
    await form.getByLabel('Title').fill('Lamps')
    await form.getByLabel('What', { exact: true }).fill('Brass lamp')
    await form.getByLabel('Price each').fill('30')
    await form.getByRole('button', { name: 'Create the listing' }).click()
    await ann.getByText('1 of 1').waitFor()
    await ann.getByRole('button', { name: 'Offer it to somebody' }).click()
    await ann.getByRole('dialog').getByLabel('To').click()
    await ann.getByRole('option').first().click()
    await ann.getByRole('button', { name: 'Send offer' }).click()
    const lamp = (page: Page) => page.getByRole('log').getByRole('article', { name: 'Offer: Brass lamp' }).last()
    await lamp(bob).getByRole('button', { name: 'Accept' }).click()
    await bob.getByRole('button', { name: 'Accept 30.00 EUR' }).click()
    for (const page of [ann, bob]) await lamp(page).getByText('Agreed', { exact: true }).waitFor()
    await ann.getByRole('button', { name: 'Listings', exact: true }).click()
    await ann.getByRole('button', { name: /Lamps/ }).click()
    await ann.getByText('0 of 1').waitFor()
  })

  test('no page complained', () => expect(app.complaints).toEqual([]))
})
