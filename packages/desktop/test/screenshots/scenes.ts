import type { Client, Offer } from '@dchat/sdk'
import type { Page } from 'playwright'
import { composer, hasState, message, onMessage, soon, write } from '../app/support.ts'

interface Scene {
  readonly name: string
  /** From where the scene before it left the window. */
  readonly go: (page: Page, bob: Client) => Promise<void>
}

const rail = async (page: Page, name: string): Promise<void> => {
  await page
    .getByRole('navigation', { name: 'dchat' })
    .getByRole('button', { name: new RegExp(`^${name}( \\d+ unread)?$`) })
    .filter({ visible: true })
    .click()
}

const openChat = async (page: Page, name: RegExp): Promise<void> => {
  await rail(page, 'Conversations')
  await page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name }).click()
  await composer(page).waitFor()
}

const setting = async (page: Page, name: RegExp): Promise<void> => {
  await rail(page, 'Settings')
  await page.getByRole('button', { name }).first().click()
}

const card = (page: Page) => page.getByRole('article', { name: /^Offer: Brass lamp/ }).last()

/** Bob's only offer, once it stands as it is asked for. */
const offerOf = async (bob: Client, state: Offer['state']): Promise<Offer> => {
  let found: Offer | undefined
  await soon(async () => {
    found = (await bob.offers.list()).items[0]
    return found?.state
  }).toBe(state)
  return found as Offer
}

/** Before there is an identity. */
export const FIRST_MINUTE: readonly { readonly name: string; readonly go: (page: Page) => Promise<void> }[] = [
  { name: 'welcome', go: (page) => page.getByLabel('Your name').waitFor() },
  {
    name: 'welcome-phrase',
    go: async (page) => {
      await page.getByRole('button', { name: 'Restore from a recovery phrase' }).click()
      await page.getByLabel('Recovery phrase').fill('not a phrase')
      await page.getByRole('button', { name: 'Restore', exact: true }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'welcome-link',
    go: async (page) => {
      await page.reload()
      await page.getByRole('button', { name: 'Link to another device' }).click()
      await page.getByRole('button', { name: 'Show a code' }).click()
      await page.getByLabel('Code', { exact: true }).waitFor()
    },
  },
  {
    name: 'welcome-backup',
    go: async (page) => {
      await page.reload()
      await page.getByRole('button', { name: 'Restore from a backup file' }).click()
    },
  },
]

/** In a window with friends, one after the other. */
export const SCENES: readonly Scene[] = [
  {
    name: 'talk',
    go: async (page, bob) => {
      await openChat(page, /Bob/)
      await onMessage(page, 'with the trailer', 'r')
      await page.keyboard.type('Nine is fine. I will bring gloves and coffee, you bring the hands.')
      await page.keyboard.press('Enter')
      await onMessage(page, 'Three things', 'e')
      await page.getByRole('button', { name: 'React with 👍' }).click()
      await write(page, 'And the lamp: is it the one from the hall?')
      const { conversation } = await offerOf(bob, 'open')
      await hasState(page, 'And the lamp', 'sent')
      await bob.conversations.markRead(conversation)
      await hasState(page, 'And the lamp', 'read')
      await write(page, 'I would *really* like it.')
      await hasState(page, 'really', 'delivered')
      await composer(page).fill('One more thing: ')
    },
  },
  {
    name: 'message-menu',
    go: async (page) => {
      await composer(page).fill('')
      await onMessage(page, 'By the way', 'Enter')
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'emoji',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Emoji' }).click()
      await page
        .getByRole('searchbox')
        .or(page.getByRole('textbox', { name: /emoji/i }))
        .first()
        .waitFor()
      await page.getByText('Smileys').first().waitFor()
    },
  },
  {
    name: 'details',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Details', exact: true }).click()
      await page.getByText('Messages disappear after').waitFor()
    },
  },
  {
    name: 'accept',
    go: async (page) => {
      await page.getByRole('button', { name: 'Details', exact: true }).click()
      await card(page).getByRole('button', { name: 'Accept' }).click()
      await page.getByRole('dialog', { name: 'Accept this offer' }).waitFor()
    },
  },
  {
    name: 'counter',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await card(page).getByRole('button', { name: 'Counter' }).click()
      await page.getByRole('form', { name: 'Counter-offer' }).getByLabel('Total').fill('105.00')
    },
  },
  {
    name: 'countered',
    go: async (page) => {
      await page.getByRole('button', { name: 'Counter with 105.00 EUR' }).click()
      await card(page).getByText('Waiting for Bob').waitFor()
      await card(page).getByRole('button', { name: 'Show the negotiation' }).click()
    },
  },
  {
    name: 'payment',
    go: async (page, bob) => {
      await soon(async () => (await offerOf(bob, 'open')).history.length).toBe(2)
      const { id } = await offerOf(bob, 'open')
      await bob.offers.accept(id)
      await card(page).getByText('Agreed', { exact: true }).waitFor()
      await soon(async () => (await bob.offers.get(id))?.deals[0]?.state).toBe('agreed')
      await bob.offers.requestPayment(id, {
        uri: 'https://pay.example/invoice/7c1f0b2a99',
        reference: 'LAMP-0042',
        note: 'Cash at the door is fine too.',
      })
      await card(page).getByRole('region', { name: 'Payment request' }).waitFor()
    },
  },
  {
    name: 'receipt',
    go: async (page) => {
      await card(page).getByRole('button', { name: 'Receipt' }).click()
      await page.getByText('Every signature in it holds.').waitFor()
    },
  },
  {
    name: 'deal',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await rail(page, 'Deals')
      await page.getByRole('tab', { name: /In settlement/ }).click()
      await page.getByRole('button', { name: /Brass lamp/ }).click()
      await page.getByRole('complementary', { name: 'Deal' }).waitFor()
    },
  },
  {
    name: 'group',
    go: async (page) => {
      await rail(page, 'Conversations')
      await page.getByRole('button', { name: 'New conversation' }).click()
      await page.getByRole('menuitem', { name: 'New group' }).click()
      const dialog = page.getByRole('dialog', { name: 'New group' })
      await dialog.getByLabel('Name of the group').fill('Schrebergartenverein')
      await dialog.getByRole('button', { name: 'Bob' }).click()
      await dialog.getByRole('button', { name: 'Make the group' }).click()
      await page.getByRole('log').getByText('You added Bob').waitFor()
      await write(page, 'Who brings the chairs?')
      await page.getByRole('button', { name: 'Details', exact: true }).click()
      await page.getByRole('list', { name: 'People' }).waitFor()
    },
  },
  {
    name: 'switcher',
    go: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Go to' }).waitFor()
    },
  },
  {
    name: 'search',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+Shift+f')
      await page.getByRole('combobox', { name: 'Search everywhere' }).fill('the')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'keyboard',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Details', exact: true }).focus()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'person',
    go: async (page) => {
      // Details became a sheet above everything while the window was narrow.
      while ((await page.locator('[role="dialog"][data-state="open"]').count()) > 0) await page.keyboard.press('Escape')
      await openChat(page, /Bob/)
      await page.getByRole('button', { name: 'Details', exact: true }).focus()
      const details = page.getByRole('complementary', { name: 'Details' })
      if ((await details.count()) === 0) await page.keyboard.press('Enter')
      await details.getByRole('button', { name: 'Compare safety number' }).click()
      await page.getByRole('region', { name: 'Contact', exact: true }).waitFor()
    },
  },
  {
    name: 'listing-form',
    go: async (page) => {
      await rail(page, 'Listings')
      await page.getByRole('button', { name: 'Create a listing' }).click()
      const form = page.getByRole('form', { name: 'New listing' })
      await form.getByLabel('Title').fill('Lamps')
      await form.getByLabel('What', { exact: true }).fill('Brass lamp')
      await form.getByRole('button', { name: 'Add an item' }).click()
      await form.getByLabel('What, item 2').fill('Stehlampe mit Baumwollschirm')
      await form.getByRole('button', { name: 'Create the listing' }).click()
    },
  },
  {
    name: 'listing',
    go: async (page) => {
      const form = page.getByRole('form', { name: 'New listing' })
      await form.getByLabel('Price each').fill('120')
      await form.getByLabel('Price of Stehlampe').fill('85.50')
      await form.getByLabel('Stock of Stehlampe').fill('12')
      await form.getByRole('button', { name: 'Create the listing' }).click()
      await page.getByText('12 of 12').waitFor()
    },
  },
  {
    name: 'archive',
    go: async (page) => {
      await rail(page, 'Conversations')
      await page
        .getByRole('list', { name: 'Conversations' })
        .getByRole('button', { name: /Hans/ })
        .click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Archive' }).click()
      await page.getByRole('button', { name: /^Archive \(1\)/ }).click()
      await page.getByRole('list', { name: 'Archived conversations' }).getByRole('button').waitFor()
    },
  },
  {
    name: 'phrase',
    go: async (page) => {
      await setting(page, /^Recovery and lock/)
      const phrase = page.getByRole('region', { name: 'Recovery phrase' })
      await phrase.getByRole('button', { name: 'Show the phrase' }).click()
      await page.getByRole('dialog', { name: 'Recovery phrase' }).waitFor()
    },
  },
  {
    name: 'burner',
    go: async (page) => {
      await page.keyboard.press('Escape')
      await setting(page, /^Identities/)
      await page.getByRole('button', { name: 'Make a burner' }).click()
      await page.getByText('This is your burner now').waitFor()
    },
  },
  {
    name: 'locked',
    go: async (page) => {
      await setting(page, /^Recovery and lock/)
      await page.getByLabel('New passphrase', { exact: true }).fill('lamp trailer hands coffee shed')
      await page.getByLabel('New passphrase again').fill('lamp trailer hands coffee shed')
      await page.getByRole('button', { name: 'Set a passphrase' }).click()
      await page.getByRole('button', { name: 'Lock now' }).click()
      await page.getByRole('heading', { name: 'This identity is locked' }).waitFor()
    },
  },
]

/** While the relay is away, in a conversation with Bob. */
export const OFFLINE: Scene & { readonly before: string } = {
  name: 'offline',
  before: 'message-menu',
  go: async (page) => {
    await page.getByText('Messages go out when the connection is back.').waitFor()
    await write(page, 'Written while the relay is away')
    await message(page, 'while the relay is away').getByText('Waiting to be sent').waitFor({ state: 'attached' })
  },
}
