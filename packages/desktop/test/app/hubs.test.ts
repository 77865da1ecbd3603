import { type HostileRelay, hostileRelay, startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leaveStop, relayStops } from './relay-stops.ts'
import { addressOf, describeApp, hasState, message, openApp, write, writeTo } from './support.ts'

/** The window of somebody with two home relays. */
const withSecondHome = async (page: Page, relay: string): Promise<Page> => {
  await leaveStop(page)
  await relayStops('', '')[0]?.go(page)
  await page.getByRole('button', { name: 'Add a relay' }).click()
  await page.getByLabel('Address of the relay').fill(relay)
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('Also reads and keeps').waitFor()
  await leaveStop(page)
  return page
}

const meet = async (ann: Page, bob: Page): Promise<void> => {
  await writeTo(ann, await addressOf(bob))
  await write(ann, 'Shall we move the piano?')
  await bob.getByRole('button', { name: 'Allow' }).click()
  await write(bob, 'Yes, at ten')
  await message(ann, 'Yes, at ten').waitFor()
}

describeApp('the relay of a conversation', () => {
  let relay: TestRelay
  let second: TestRelay
  let liar: HostileRelay
  let app: Awaited<ReturnType<typeof openApp>>

  beforeEach(async () => {
    ;[relay, second, liar] = await Promise.all([startTestRelay(), startTestRelay(), hostileRelay()])
  })
  afterEach(async () => {
    expect(app.complaints).toEqual([])
    await app.close()
    await Promise.all([relay.close(), second.close(), liar.close()])
  })

  test('that dies is told in one line, until the conversation goes on at the next one with what was written', async () => {
    app = await openApp(relay.url)
    const [ann, bob] = await Promise.all(
      ['Ann', 'Bob'].map(async (name) => withSecondHome(await app.person(name), second.url)),
    )
    if (ann === undefined || bob === undefined) throw new Error('nobody is there')
    await meet(ann, bob)
    await relay.stop()
    const line = ann.getByRole('status').filter({ hasText: 'The relay of this conversation does not answer.' })
    const told = line.waitFor()
    await write(ann, 'I ask Carla for her van')
    await told
    await message(bob, 'I ask Carla for her van').waitFor()
    await line.waitFor({ state: 'detached' })
    await write(bob, 'Good idea')
    await message(ann, 'Good idea').waitFor()
    const { host } = new URL(second.url)
    for (const page of [ann, bob]) await page.getByText(`The conversation is kept at ${host} from here on`).waitFor()
  })

  test('that lies is told in one line, and what it did can be looked at and saved', async () => {
    app = await openApp(liar.url)
    const [ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob')])
    await meet(ann, bob)
    liar.lie('rewrite')
    await write(bob, 'Shall I bring straps?')
    await ann.getByRole('status').getByText('was caught at a lie. Nothing of it was taken over.').waitFor()
    expect(await message(ann, 'straps').count()).toBe(0)
    await ann.getByRole('button', { name: 'What it did' }).click()
    const dialog = ann.getByRole('dialog', { name: 'What the relay did' })
    await dialog.getByText(/gave another entry \d+ than it signed/).waitFor()
    await ann.evaluate(() => Object.defineProperty(globalThis, 'showSaveFilePicker', { value: undefined }))
    const saved = ann.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Save the evidence' }).click()
    expect((await saved).suggestedFilename()).toMatch(/\.dchat-evidence$/)
    liar.repent()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await message(ann, 'straps').waitFor()
    // From the details it is looked at too, where nothing is told of it.
    await ann.getByRole('button', { name: 'Details', exact: true }).click()
    await ann.getByRole('button', { name: 'Check what it keeps' }).click()
    await dialog.getByText('entries looked at').waitFor()
  })

  test('and of a person, dead at the start, keeps nobody from reading and writing; a new device is told where to go', async () => {
    app = await openApp(relay.url)
    const [ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob')])
    await meet(ann, bob)
    await relay.stop()
    const open = async (): Promise<void> => {
      await ann.reload()
      await ann.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).click()
    }
    await open()
    await message(ann, 'Yes, at ten').waitFor()
    await write(ann, 'written while it is dead')
    await ann.getByRole('status').getByText('Messages go out when the connection is back.').waitFor()
    await open()
    await hasState(ann, 'written while it is dead', 'queued')
    const phone = await app.newcomer()
    await phone.getByRole('button', { name: 'Link to another device' }).click()
    await phone.getByRole('button', { name: 'Show a code' }).click()
    await phone.getByRole('alert').getByText('Name one that your other device is connected to').waitFor()
    await relay.start()
    await message(bob, 'written while it is dead').waitFor()
  })
})
