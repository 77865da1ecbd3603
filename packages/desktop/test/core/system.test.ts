import { describe, expect, test, vi } from 'vitest'
import { editMenu } from '../../src/core/edit-menu.ts'
import { shownNotifications } from '../../src/core/handlers/notifications.ts'
import { type SystemKeys, systemSecrets } from '../../src/core/handlers/secrets.ts'
import { updates } from '../../src/core/handlers/updates.ts'
import { NONE, readSuggestions } from '../../src/core/suggestions.ts'

const keys = (changes: Partial<SystemKeys> = {}): SystemKeys => ({
  isAvailable: async () => true,
  backend: () => 'gnome_libsecret',
  usePlain: () => {},
  encrypt: async (text) => Buffer.from(`locked ${text}`),
  decrypt: async (sealed) => {
    const text = Buffer.from(sealed).toString()
    if (!text.startsWith('locked ')) throw new Error('not ours')
    return text.slice('locked '.length)
  },
  ...changes,
})

describe('secrets of the system', () => {
  test('are locked and opened by its key store, byte for byte', async () => {
    const secrets = systemSecrets(keys(), 'linux')
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const wrapped = await secrets.wrap(bytes)
    expect(Buffer.from(wrapped).toString()).toMatch(/^locked /)
    expect(await secrets.unwrap(wrapped)).toEqual(bytes)
    await expect(secrets.unwrap(bytes)).rejects.toMatchObject({ code: 'storage/corrupt' })
  })

  test('say whom they are bound to, and that it is nobody where there is no keyring', () => {
    const usePlain = vi.fn()
    expect(systemSecrets(keys({ usePlain }), 'linux').boundTo).toBe('the keyring of this account')
    expect(systemSecrets(keys({ usePlain, backend: () => undefined }), 'win32').boundTo).toBe('this Windows account')
    expect(usePlain).not.toHaveBeenCalled()
    expect(systemSecrets(keys({ usePlain, backend: () => 'basic_text' }), 'linux').boundTo).toContain('no keyring')
    expect(usePlain).toHaveBeenCalledOnce()
  })

  test('are refused while the key store is not there', async () => {
    const secrets = systemSecrets(keys({ isAvailable: async () => false }), 'darwin')
    await expect(secrets.wrap(new Uint8Array())).rejects.toMatchObject({ code: 'storage/unavailable' })
    await expect(secrets.unwrap(new Uint8Array())).rejects.toMatchObject({ code: 'storage/unavailable' })
  })
})

describe('notifications', () => {
  test('replace the earlier one of their id, and tell which one was chosen', () => {
    const close = vi.fn()
    const chosen: string[] = []
    const clicks: (() => void)[] = []
    const { show, clear } = shownNotifications(
      (_each, click) => {
        clicks.push(click)
        return { close }
      },
      (id) => chosen.push(id),
    )
    show({ id: 'a', title: 'Ann', body: 'one' })
    show({ id: 'a', title: 'Ann', body: 'two' })
    expect(close).toHaveBeenCalledTimes(1)
    clicks[1]?.()
    expect(chosen).toEqual(['a'])
    expect(close).toHaveBeenCalledTimes(2)
    clear('a')
    clear('b')
    expect(close).toHaveBeenCalledTimes(2)
  })

  test('that went away by themselves are not closed again', () => {
    const close = vi.fn()
    let gone = (): void => {}
    const { show, clear } = shownNotifications(
      (_each, _click, left) => {
        gone = left
        return { close }
      },
      () => {},
    )
    show({ id: 'a', title: 'Ann', body: 'one' })
    gone()
    clear('a')
    expect(close).not.toHaveBeenCalled()
  })
})

test('a new version is installed when it is there, and not before', () => {
  let ready = (): void => {}
  const install = vi.fn()
  const check = vi.fn()
  const update = updates({ check, install, onReady: (listener) => (ready = listener) })
  expect(check).toHaveBeenCalledOnce()
  update.install()
  expect([update.state(), install.mock.calls.length]).toEqual(['none', 0])
  ready()
  update.install()
  expect([update.state(), install.mock.calls.length]).toEqual(['ready', 1])
  expect(updates(undefined).state()).toBe('managed-elsewhere')
})

describe('suggestions', () => {
  test('are relays, and the invite of somebody who answers', () => {
    const suggestions = { relays: [{ url: 'ws://127.0.0.1:7464', name: 'This machine' }], guide: 'dchat:dchat1abc' }
    expect(readSuggestions(JSON.stringify(suggestions))).toEqual(suggestions)
    expect(readSuggestions('{"relays":[]}')).toEqual(NONE)
  })

  test.each([
    '',
    '[]',
    '{',
    '{"relays":[{"url":"https://a.example","name":"a"}]}',
    '{"relays":[],"guide":"javascript:a"}',
  ])('are none in %s', (text) => expect(readSuggestions(text)).toEqual(NONE))
})

describe('the menu of a right click', () => {
  const clicked = { isEditable: false, selectionText: '', misspelledWord: '', dictionarySuggestions: [] }

  test('is for text alone', () => {
    expect(editMenu(clicked, () => {})).toEqual([])
    expect(editMenu({ ...clicked, selectionText: 'word' }, () => {})).toEqual([{ role: 'copy' }])
    expect(editMenu({ ...clicked, isEditable: true }, () => {})).toContainEqual({ role: 'paste' })
  })

  test('offers the right spelling', () => {
    const replaced: string[] = []
    const text = { ...clicked, isEditable: true, misspelledWord: 'helo', dictionarySuggestions: ['hello'] }
    const [first] = editMenu(text, (word) => replaced.push(word))
    if (first !== undefined && 'click' in first) first.click()
    expect(replaced).toEqual(['hello'])
  })
})
