import { readFile } from 'node:fs/promises'
import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressOf, composer, describeApp, hasState, message, openApp, write, writeTo } from './support.ts'

/** Notes what the page tells to screen readers; gives what it told so far. */
const hear = async (page: Page): Promise<() => Promise<readonly string[]>> => {
  await page.evaluate(() => {
    const told: string[] = []
    Object.assign(globalThis, { told })
    const note = () => {
      for (const status of document.querySelectorAll('[role="status"]'))
        if (status.textContent) told.push(status.textContent.trim())
    }
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told)
}

const PASSPHRASE = 'five words without any sense'

describeApp('identities', () => {
  let relay: TestRelay
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let bob: Page
  let phrase = ''
  let address = ''

  beforeAll(async () => {
    relay = await startTestRelay()
    app = await openApp(relay.url)
    ;[ann, bob] = await Promise.all([app.person('Ann'), app.person('Bob')])
    address = await addressOf(ann)
    await writeTo(bob, address)
    await write(bob, 'Hello Ann')
    await ann.getByRole('button', { name: 'Allow' }).click()
    await message(ann, 'Hello Ann').waitFor()
    await write(ann, 'Hello Bob')
    await message(bob, 'Hello Bob').waitFor()
  })
  afterAll(async () => {
    await app.close()
    await relay.close()
  })

  const settings = async (page: Page, name: RegExp): Promise<void> => {
    await page.getByRole('button', { name: 'Settings', exact: true }).first().click()
    await page.getByRole('button', { name }).click()
  }

  test('the recovery phrase is shown, checked by three words, and kept no longer', async () => {
    await settings(ann, /^Recovery and lock/)
    await ann.getByRole('region', { name: 'Recovery phrase' }).getByRole('button', { name: 'Show the phrase' }).click()
    const dialog = ann.getByRole('dialog', { name: 'Recovery phrase' })
    const words = await dialog.getByRole('list', { name: 'Recovery phrase' }).getByRole('listitem').allTextContents()
    phrase = words.join(' ')
    await dialog.getByRole('button', { name: 'I wrote them down' }).click()
    const fields = await dialog.getByRole('textbox').all()
    expect(fields).toHaveLength(3)
    await dialog.getByRole('button', { name: 'Check' }).click()
    await dialog.getByText('This is not the word with this number.').first().waitFor()
    for (const [place, word] of words.entries()) {
      const field = dialog.getByLabel(`Word ${place + 1}`, { exact: true })
      if ((await field.count()) > 0) await field.fill(word)
    }
    await dialog.getByRole('button', { name: 'Check' }).click()
    await ann.getByText('You wrote it down, or it was never on this device.').waitFor()
  })

  test('the phrase alone brings the identity back on an empty machine, and it can write on', async () => {
    const fresh = await app.newcomer()
    await fresh.getByRole('button', { name: 'Restore from a recovery phrase' }).click()
    await fresh.getByLabel('Recovery phrase').fill('not a phrase')
    await fresh.getByRole('button', { name: 'Restore', exact: true }).click()
    await fresh.getByRole('alert').waitFor()
    await fresh.getByLabel('Recovery phrase').fill(phrase)
    await fresh.getByRole('button', { name: 'Restore', exact: true }).click()
    await fresh.getByRole('heading', { name: 'Conversations' }).waitFor()
    expect(await addressOf(fresh)).toBe(address)
    await fresh.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).click()
    await write(fresh, 'from the new machine')
    await message(bob, 'from the new machine').waitFor()
    await fresh.context().close()
  })

  test('another device is linked by its code and approved, and reads and writes in the same name', async () => {
    const phone = await app.newcomer({ viewport: { width: 390, height: 844 } })
    await phone.getByRole('button', { name: 'Link to another device' }).click()
    await phone.getByRole('button', { name: 'Show a code' }).click()
    await phone.getByRole('img', { name: 'Code to link this device' }).waitFor()
    const code = (await phone.getByLabel('Code', { exact: true }).textContent()) ?? ''
    await phone.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await phone.getByRole('button', { name: 'Copy the text of the QR code' }).click()
    const inQr = await phone.evaluate(() => navigator.clipboard.readText())
    await settings(bob, /^Devices/)
    const find = async (text: string) => {
      await bob.getByLabel('Code', { exact: true }).fill(text)
      await bob.getByRole('button', { name: 'Find it' }).click()
    }
    const asked = bob.getByRole('dialog', { name: 'Approve this device?' })
    await find(inQr)
    await asked.waitFor()
    expect(code).not.toBe('')
    await asked.getByLabel('Name').fill('Phone')
    await asked.getByRole('button', { name: 'Approve' }).click()
    await bob.getByText('It has all messages that this device has.').waitFor()
    await phone.getByRole('list', { name: 'Conversations' }).getByRole('button').first().click()
    await message(phone, 'Hello Ann').waitFor()
    await write(phone, 'written on the phone')
    await hasState(phone, 'written on the phone', 'sent')
    await bob
      .getByRole('button', { name: 'Phone', exact: true })
      .or(bob.getByText('Phone', { exact: true }))
      .waitFor()
    // Lost again: it is told so, at once and when it is opened, and keeps what it has.
    await bob.getByRole('button', { name: 'More about Phone' }).click()
    await bob.getByRole('menuitem', { name: 'Revoke' }).click()
    await bob.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await phone.getByText('This device was taken out of your identity.').waitFor()
    await message(phone, 'written on the phone').waitFor()
    await phone.reload()
    await phone.getByText('This device was taken out of your identity.').waitFor()
    await phone.context().close()
  })

  test('a backup that is written in one browser brings everything back in another, and tells how far it is', async () => {
    await ann.evaluate(() => Object.defineProperty(globalThis, 'showSaveFilePicker', { value: undefined }))
    await settings(ann, /^Backup/)
    const told = await hear(ann)
    const part = ann.getByRole('region', { name: 'Write a backup' })
    await part.getByLabel('Passphrase of the backup').fill(PASSPHRASE)
    await part.getByLabel('The passphrase again').fill(PASSPHRASE)
    const coming = ann.waitForEvent('download')
    await part.getByRole('button', { name: 'Write the backup' }).click()
    const file = await (await coming).path()
    await ann.getByText('The backup is written').first().waitFor()
    expect(await told()).toContain('Writing the backup: 0 %')

    const fresh = await app.newcomer()
    await fresh.getByRole('button', { name: 'Restore from a backup file' }).click()
    const choosing = fresh.waitForEvent('filechooser')
    await fresh.getByRole('button', { name: 'Choose the file' }).click()
    await (await choosing).setFiles({
      name: 'ann.dchat',
      mimeType: 'application/octet-stream',
      buffer: await readFile(file),
    })
    const heard = await hear(fresh)
    const restore = async (passphrase: string): Promise<void> => {
      await fresh.getByLabel('Passphrase of the backup').fill(passphrase)
      await fresh.getByRole('button', { name: 'Restore', exact: true }).click()
    }
    await restore('not the words')
    await fresh.getByRole('alert').waitFor()
    await restore(PASSPHRASE)
    await fresh.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).click()
    await message(fresh, 'Hello Ann').waitFor()
    expect(await heard()).toContain('Restoring: 0 %')
    await bob.getByRole('button', { name: 'Conversations' }).first().click()
    await bob.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Ann/ }).click()
    await write(fresh, 'from the backup')
    await message(bob, 'from the backup').waitFor()
    await fresh.context().close()
  })

  test('a passphrase locks it: nothing opens it but the words', async () => {
    await settings(ann, /^Recovery and lock/)
    await ann.getByLabel('New passphrase', { exact: true }).fill(PASSPHRASE)
    await ann.getByLabel('New passphrase again').fill(PASSPHRASE)
    await ann.getByRole('button', { name: 'Set a passphrase' }).click()
    await ann.getByRole('button', { name: 'Lock now' }).click()
    await ann.getByRole('heading', { name: 'This identity is locked' }).waitFor()
    await ann.reload()
    await ann.getByLabel('Passphrase', { exact: true }).fill('wrong')
    await ann.getByRole('button', { name: 'Unlock' }).click()
    await ann.getByRole('alert').waitFor()
    await ann.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
    await ann.getByRole('button', { name: 'Unlock' }).click()
    await ann.getByRole('button', { name: 'Conversations' }).first().click()
    await ann.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: /Bob/ }).waitFor()
  })

  test('a burner stands beside it, and knows nothing of it', async () => {
    await settings(bob, /^Identities/)
    await bob.getByRole('button', { name: 'Make a burner' }).click()
    await bob.getByText('This is your burner now').waitFor()
    expect(await bob.getByRole('list', { name: 'Conversations' }).getByRole('button').count()).toBe(0)
    await writeTo(bob, address)
    await write(bob, 'from a stranger')
    await ann.getByText('wants to write to you').waitFor()
    expect(await composer(bob).count()).toBe(1)
  })

  test('no page complained', () => expect(app.complaints).toEqual([]))
})
