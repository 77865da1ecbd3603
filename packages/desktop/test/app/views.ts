import type { Page } from 'playwright'

export interface ViewOfApp {
  readonly name: string
  /** From the conversations, without one open. */
  readonly go: (page: Page) => Promise<void>
}

/** The button of a part of the app, in the rail or in the bar of a small window; what is unread stands beside its name. */
const button = (page: Page, name: string) =>
  page
    .getByRole('navigation', { name: 'dchat' })
    .getByRole('button', { name: new RegExp(`^(\\d+ unread )?${name}( \\d+ unread)?$`) })
    .filter({ visible: true })

const section = async (page: Page, name: string): Promise<void> => {
  const direct = button(page, name)
  const you = page.getByRole('button', { name: 'You', exact: true }).filter({ visible: true })
  await direct.or(you).first().waitFor()
  if ((await direct.count()) > 0) await direct.click()
  else {
    await you.click()
    await page.getByRole('dialog', { name: 'You' }).getByRole('button', { name, exact: true }).click()
  }
}

const settings =
  (label: string) =>
  async (page: Page): Promise<void> => {
    await section(page, 'Settings')
    await page
      .getByRole('button', { name: new RegExp(`^${label}`) })
      .filter({ visible: true })
      .first()
      .click()
  }

/** What a screen or axe looks at: every view of a furnished window. */
export const VIEWS: readonly ViewOfApp[] = [
  { name: 'conversations', go: async () => undefined },
  {
    name: 'conversation',
    go: async (page) => {
      await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).click()
      await page.getByRole('log').getByText('Three things').waitFor()
    },
  },
  { name: 'deals', go: (page) => section(page, 'Deals') },
  { name: 'listings', go: (page) => section(page, 'Listings') },
  { name: 'contacts', go: (page) => section(page, 'Contacts') },
  { name: 'settings', go: (page) => section(page, 'Settings') },
  ...['Recovery and lock', 'Devices', 'Backup', 'Privacy', 'Notifications', 'Appearance', 'Relays', 'Identities'].map(
    (label) => ({ name: `settings-${label.toLowerCase().replaceAll(' ', '-')}`, go: settings(label) }),
  ),
]

/** Back to the conversations, with none open and nothing above the window. */
export const home = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape')
  const back = page.getByRole('button', { name: /^Back\b/ }).filter({ visible: true })
  const bar = button(page, 'Conversations')
  // What fills a small window has a way back, and no bar beneath.
  await back.or(bar).first().waitFor()
  while ((await bar.count()) === 0) {
    await back.first().click()
    await back.or(bar).first().waitFor()
  }
  await bar.click()
}
