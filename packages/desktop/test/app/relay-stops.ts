import { startTestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { longAddress } from './long-address.ts'
import { annAndBob, openApp, soon } from './support.ts'
import { home, VIEWS, type ViewOfApp } from './views.ts'

const relaysPage = async (page: Page): Promise<void> => {
  await VIEWS.find(({ name }) => name === 'settings-relays')?.go(page)
  await page.getByRole('region', { name: 'Your home relays' }).getByText('Connected').first().waitFor()
}

const chosen = async (page: Page, relay: string, what: string): Promise<void> => {
  await relaysPage(page)
  await page.getByRole('button', { name: `More about ${relay}` }).click()
  if (what !== '') await page.getByRole('menuitem', { name: what }).click()
}

const adding = async (page: Page, relay: string): Promise<void> => {
  await relaysPage(page)
  await page.getByRole('button', { name: 'Add a relay' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a home relay' })
  await dialog.getByLabel('Address of the relay').fill(relay)
}

const details = async (page: Page): Promise<void> => {
  await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).click()
  const kept = page.getByRole('region', { name: 'Kept at' }).filter({ visible: true })
  const open = page.getByRole('button', { name: 'Details', exact: true })
  await open.or(kept).first().waitFor()
  if ((await kept.count()) === 0) await open.click()
  await kept.getByText('Here').scrollIntoViewIfNeeded()
}

/** Wherever somebody decides about relays; `second` is a home relay beside the first, `choir` takes people by invitation. */
export const relayStops = (second: string, choir: string): readonly ViewOfApp[] => [
  { name: 'relays', go: relaysPage },
  { name: 'relays-menu', go: (page) => chosen(page, second, '') },
  { name: 'relays-add', go: (page) => adding(page, 'https://no.relay') },
  {
    name: 'relays-invitation',
    go: async (page) => {
      await adding(page, choir)
      const dialog = page.getByRole('dialog', { name: 'Add a home relay' })
      await dialog.getByRole('button', { name: 'Add', exact: true }).click()
      await dialog.getByText('takes people by invitation').waitFor()
    },
  },
  { name: 'relays-first', go: (page) => chosen(page, second, 'Make first') },
  { name: 'relays-leave', go: (page) => chosen(page, second, 'Leave') },
  { name: 'kept-at', go: details },
  {
    name: 'kept-at-move',
    go: async (page) => {
      await details(page)
      await page.getByRole('button', { name: `Move to ${second}` }).click()
      await page.getByRole('dialog', { name: 'Move the conversation?' }).waitFor()
    },
  },
]

/** Back from a stop, whatever it left open. */
export const leaveStop = async (page: Page): Promise<void> => {
  const above = page.getByRole('dialog').or(page.getByRole('menu'))
  for (let count = await above.count(); count > 0; count = await above.count()) {
    await page.keyboard.press('Escape')
    await soon(() => above.count()).toBeLessThan(count)
  }
  await home(page)
}

/**
 * The window of somebody who has written with Bob and has a second home relay, whose address is long; beside them a relay that
 * takes people by invitation.
 */
export const openRelays = async () => {
  const relays = await Promise.all([startTestRelay(), startTestRelay(), startTestRelay({ policy: 'invitation' })])
  const [first, another, choir] = relays
  const app = await openApp(first.url)
  const proxy = await longAddress(another.url)
  const [ann, bob] = await annAndBob(app)
  await bob.context().close()
  await leaveStop(ann)
  await adding(ann, proxy.url)
  await ann.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
  await ann.getByText('Also reads and keeps').waitFor()
  const close = async (): Promise<void> => {
    await app.close()
    await proxy.close()
    await Promise.all(relays.map((relay) => relay.close()))
  }
  return { app, ann, second: proxy.url, stops: relayStops(proxy.url, choir.url), close }
}
