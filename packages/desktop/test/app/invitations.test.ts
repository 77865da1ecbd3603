import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { formatRelayInvitation, parseRelayUrl } from '@dchat/sdk/wire'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeApp, message, openApp, soon, write, writeTo } from './support.ts'
import { home, VIEWS } from './views.ts'

describeApp('a relay that takes people by invitation', () => {
  let open: TestRelay
  let choir: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>

  beforeAll(async () => {
    ;[open, choir] = await Promise.all([startTestRelay(), startTestRelay({ policy: 'invitation' })])
    app = await openApp(open.url)
  })
  afterAll(async () => {
    await app.close()
    await Promise.all([open.close(), choir.close()])
  })

  const linkOf = (secret: Uint8Array): string => formatRelayInvitation({ relay: parseRelayUrl(choir.url), secret })
  const invitation = async (options?: Parameters<TestRelay['invitations']['create']>[0]): Promise<string> =>
    linkOf((await choir.invitations.create(options)).secret)
  const field = (page: Page) => page.getByLabel('Invitation', { exact: true })
  const told = (page: Page) => page.getByRole('alert')
  const uses = async (): Promise<number> => (await choir.invitations.list()).reduce((sum, { used }) => sum + used, 0)
  const relays = async (page: Page): Promise<void> => {
    await home(page)
    await VIEWS.find(({ name }) => name === 'settings-relays')?.go(page)
  }
  /** An invite, as the profile gives it: it names the relay too. */
  const inviteOf = async (page: Page): Promise<string> => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Settings', exact: true }).first().click()
    await page.getByRole('button', { name: /^Profile/ }).click()
    await page.getByRole('button', { name: 'Copy invite link' }).click()
    const invite = await page.evaluate(() => navigator.clipboard.readText())
    await page.getByRole('button', { name: 'Conversations' }).first().click()
    return invite
  }
  const homes = (page: Page) => page.getByRole('region', { name: 'Your home relays' })

  test('asks a newcomer for it, says what is wrong with one, and lets in by a good one with all that was typed', async () => {
    const ann = await app.newcomer()
    await ann.getByLabel('Your name').fill('Ann')
    await ann.getByRole('button', { name: 'Choose another' }).click()
    await ann.getByLabel('Relay', { exact: true }).fill(choir.url)
    expect(await field(ann).count()).toBe(0)
    const start = ann.getByRole('button', { name: 'Start', exact: true })
    await start.click()
    await told(ann).getByText('takes people by invitation').waitFor()
    await soon(() => field(ann).evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await start.isDisabled()).toBe(true)
    const refuses = async (text: string, answer: string): Promise<void> => {
      await field(ann).fill(text)
      await start.click()
      await told(ann).getByText(answer).waitFor()
      expect(await ann.getByLabel('Your name').inputValue()).toBe('Ann')
      expect(await ann.getByLabel('Relay', { exact: true }).inputValue()).toBe(choir.url)
    }
    await field(ann).fill('what the operator gave me')
    await told(ann).getByText('not the whole link').waitFor()
    await field(ann).fill(`${open.url}#${'0'.repeat(32)}`)
    await told(ann).getByText('for another relay').waitFor()
    await refuses(linkOf(new Uint8Array(16)), 'does not know this invitation')
    await refuses(await invitation({ lifetime: 1 }), 'has expired')
    const taken = await choir.invitations.create()
    await choir.invitations.revoke(taken.id)
    await refuses(linkOf(taken.secret), 'was taken back')
    expect(await uses()).toBe(0)
    const good = await invitation()
    await field(ann).fill(good)
    await start.click()
    await ann.getByRole('heading', { name: 'Conversations' }).waitFor()
    expect(await uses()).toBe(1)
    // She is at home there: somebody from elsewhere reaches her, and she writes back.
    const bob = await app.person('Bob')
    await writeTo(ann, await inviteOf(bob))
    await write(ann, 'hello from the choir')
    await bob.getByRole('button', { name: 'Allow' }).click()
    await message(bob, 'hello from the choir').waitFor()

    const cid = await app.newcomer()
    await cid.getByRole('button', { name: 'Choose another' }).click()
    // The link in place of the address is understood.
    await cid.getByLabel('Relay', { exact: true }).fill(good)
    expect(await cid.getByLabel('Relay', { exact: true }).inputValue()).toBe(choir.url)
    await cid.getByRole('button', { name: 'Start', exact: true }).click()
    await told(cid).getByText('is used up').waitFor()
    await field(cid).fill(await invitation())
    await cid.getByRole('button', { name: 'Start', exact: true }).click()
    await cid.getByRole('heading', { name: 'Conversations' }).waitFor()
    await Promise.all([ann, bob, cid].map((page) => page.context().close()))
  })

  test('becomes another home relay by one', async () => {
    const dora = await app.person('Dora')
    await relays(dora)
    await dora.getByRole('button', { name: 'Add a relay' }).click()
    const dialog = dora.getByRole('dialog', { name: 'Add a home relay' })
    await dialog.getByLabel('Address of the relay').fill(choir.url)
    const add = dialog.getByRole('button', { name: 'Add', exact: true })
    await add.click()
    await dialog.getByText('takes people by invitation').waitFor()
    await dialog.getByLabel('Invitation').fill(linkOf(new Uint8Array(16)))
    await add.click()
    await dialog.getByText('does not know this invitation').waitFor()
    expect(await homes(dora).getByText(/^ws:/).allInnerTexts()).toEqual([open.url])
    await dialog.getByLabel('Invitation').fill(await invitation())
    await add.click()
    await dialog.waitFor({ state: 'detached' })
    expect(await homes(dora).getByText(/^ws:/).allInnerTexts()).toEqual([open.url, choir.url])
    await dora.context().close()
  })

  test('that was away in the first minute gets it when it is back', async () => {
    await choir.stop()
    const eve = await app.newcomer()
    await eve.getByRole('button', { name: 'Choose another' }).click()
    await eve.getByLabel('Relay', { exact: true }).fill(choir.url)
    await eve.getByRole('button', { name: 'Start', exact: true }).click()
    await eve.getByRole('heading', { name: 'Conversations' }).waitFor()
    await choir.start()
    await relays(eve)
    await homes(eve).getByRole('button', { name: 'Enter the invitation' }).click()
    const dialog = eve.getByRole('dialog', { name: 'Enter the invitation' })
    await dialog.getByLabel('Invitation').fill(linkOf(new Uint8Array(16)))
    await dialog.getByRole('button', { name: 'Join' }).click()
    await dialog.getByText('does not know this invitation').waitFor()
    await dialog.getByLabel('Invitation').fill(await invitation())
    await dialog.getByRole('button', { name: 'Join' }).click()
    await dialog.waitFor({ state: 'detached' })
    await homes(eve).getByText('does not know you yet').waitFor({ state: 'detached' })
    await homes(eve).getByText('Connected').waitFor()
    await eve.context().close()
  })

  test('no page complained', () => expect(app.complaints).toEqual([]))
})
