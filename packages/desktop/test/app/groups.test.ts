import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annAndBob, composer, describeApp, message, openApp, write } from './support.ts'

describeApp('a group', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let bob: Page

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ;[ann, bob] = await annAndBob(app)
  })
  afterAll(async () => {
    await app.close()
    await relay.close()
  })

  const details = (page: Page) => page.getByRole('complementary', { name: 'Details' })

  test('is made with somebody, who joins it and reads what was written since', async () => {
    await ann.getByRole('button', { name: 'New conversation' }).click()
    await ann.getByRole('menuitem', { name: 'New group' }).click()
    const dialog = ann.getByRole('dialog', { name: 'New group' })
    await dialog.getByLabel('Name of the group').fill('Market')
    await dialog.getByRole('button', { name: 'Bob' }).click()
    await dialog.getByRole('button', { name: 'Make the group' }).click()
    await ann.getByRole('heading', { name: 'Market' }).first().waitFor({ state: 'attached' })
    // Who is asked in reads what is written from then on.
    await ann.getByRole('log').getByText('You added Bob').waitFor()
    const row = ann.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Market/ })
    await row.getByText('You added Bob.').waitFor()
    await write(ann, 'who brings the chairs?')
    const waiting = bob.getByRole('list', { name: 'Waiting for your answer' })
    await waiting.getByText('asks you into “Market” of 2 people').waitFor()
    await waiting.getByRole('button', { name: 'Join' }).click()
    await message(bob, 'who brings the chairs?').waitFor()
  })

  test('has people who can be mentioned', async () => {
    await composer(bob).fill('I will, ')
    await composer(bob).press('End')
    await bob.keyboard.type('@An')
    await bob.getByRole('option', { name: 'Ann' }).waitFor()
    await bob.keyboard.press('Enter')
    expect(await composer(bob).inputValue()).toBe('I will, @Ann ')
    await bob.keyboard.press('Enter')
    await message(ann, 'I will, @Ann').getByRole('button', { name: '@Ann' }).waitFor()
  })

  test('is renamed, gives roles, and is left', async () => {
    await ann.getByRole('button', { name: 'Details', exact: true }).click()
    await details(ann).getByRole('button', { name: 'Rename' }).click()
    const dialog = ann.getByRole('dialog', { name: 'Rename the group' })
    await dialog.getByLabel('Name').fill('Orchard')
    await dialog.getByRole('button', { name: 'Rename' }).click()
    await bob.getByRole('log').getByText('Ann named the group “Orchard”').waitFor()
    await details(ann).getByRole('button', { name: 'More about Bob' }).click()
    await ann.getByRole('menuitemcheckbox', { name: 'Admin' }).click()
    await bob.getByRole('log').getByText('Ann made you an admin').waitFor()

    await bob.getByRole('button', { name: 'Details', exact: true }).click()
    await details(bob).getByRole('button', { name: 'Leave the group' }).click()
    await bob.getByRole('dialog', { name: 'Leave Orchard' }).getByRole('button', { name: 'Leave' }).click()
    await bob.getByText('You are no longer in this conversation.').waitFor()
    await ann.getByRole('log').getByText('Bob left').waitFor()
    expect(app.complaints).toEqual([])
  })
})
