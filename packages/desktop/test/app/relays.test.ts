import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annAndBob, describeApp, message, openApp, write } from './support.ts'
import { home, VIEWS } from './views.ts'

describeApp('relays', () => {
  let relays: TestRelay[]
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let bob: Page

  beforeAll(async () => {
    relays = await Promise.all([startTestRelay(), startTestRelay(), startTestRelay()])
    app = await openApp(url(0))
    ;[ann, bob] = await annAndBob(app)
  })
  afterAll(async () => {
    await app.close()
    await Promise.all(relays.map((relay) => relay.close()))
  })

  const url = (at: number): string => (relays[at] as TestRelay).url
  const homes = (page: Page) => page.getByRole('region', { name: 'Your home relays' })
  const open = async (page: Page): Promise<void> => {
    await home(page)
    await VIEWS.find(({ name }) => name === 'settings-relays')?.go(page)
    await homes(page).waitFor()
  }
  const add = async (page: Page, relay: string): Promise<void> => {
    await page.getByRole('button', { name: 'Add a relay' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a home relay' })
    await dialog.getByLabel('Address of the relay').fill(relay)
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  }
  const choose = async (page: Page, relay: string, what: string): Promise<void> => {
    await homes(page)
      .getByRole('button', { name: `More about ${relay}` })
      .click()
    await page.getByRole('menuitem', { name: what }).click()
  }

  test('of a person are shown with how they do, and one is added, put first and left', async () => {
    await open(ann)
    await homes(ann)
      .getByText(/First: keeps your new conversations.*ms, up 100 % of the time, protocol 1/)
      .waitFor()
    await ann.getByRole('button', { name: 'Add a relay' }).click()
    await ann.getByLabel('Address of the relay').fill('https://nonsense.example')
    await ann.getByRole('dialog').getByText('An address of a relay begins with wss://').waitFor()
    expect(await ann.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).isDisabled()).toBe(true)
    await ann.getByRole('button', { name: 'Cancel' }).click()
    await add(ann, url(1))
    await homes(ann).getByText('Also reads and keeps what is sent to you').waitFor()
    await choose(ann, url(1), 'Make first')
    await ann.getByRole('dialog').getByRole('button', { name: 'Make first' }).click()
    await ann.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await homes(ann).getByText(/^ws:/).allInnerTexts()).toEqual([url(1), url(0)])
    await choose(ann, url(0), 'Leave')
    await ann.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click()
    await ann.getByRole('region', { name: 'Other relays' }).getByText('read for a month').waitFor()
    expect(await homes(ann).getByText(/^ws:/).allInnerTexts()).toEqual([url(1)])
  })

  test('of a conversation stand in its details, and it is moved to another one', async () => {
    await home(ann)
    await ann.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).click()
    await ann.getByRole('button', { name: 'Details', exact: true }).click()
    const kept = ann.getByRole('region', { name: 'Kept at' })
    await kept.getByRole('button', { name: `Move to ${url(1)}` }).click()
    await ann.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click()
    await kept.getByRole('button', { name: `Move to ${url(0)}` }).waitFor()
    await write(ann, 'here now')
    await message(bob, 'here now').waitFor()
    await write(bob, 'and so am I')
    await message(ann, 'and so am I').waitFor()
  })

  test('that are gone say what that means, and another one is named all the same', async () => {
    await open(ann)
    await (relays[1] as TestRelay).close()
    await homes(ann).getByText('Your home relay cannot be reached.').waitFor()
    await add(ann, url(2))
    const dialog = ann.getByRole('dialog', { name: 'Add a home relay' })
    await dialog.getByText('None of your home relays answers.').waitFor()
    await dialog.getByRole('button', { name: 'They are gone for good' }).click()
    await homes(ann).getByText('One of your home relays cannot be reached.').waitFor()
    await choose(ann, url(1), 'Leave')
    await ann.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click()
    await homes(ann).getByText('cannot be reached').waitFor({ state: 'detached' })
    expect(await homes(ann).getByText(/^ws:/).allInnerTexts()).toEqual([url(2)])
  })
})
