import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Shell } from '../../src/core/channels.ts'
import type { Host } from '../../src/core/host.ts'
import { app, type BrowserWindow, ipcRenderer, preloadSide, standIn } from '../support/electron.ts'

/** Waits until nothing is thrown, as long as a slow machine may take. */
const soon = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: 90_000 })

vi.mock('electron', () => import('../support/electron.ts'))

const data = mkdtempSync(join(tmpdir(), 'dchat-program-'))
const invite = 'dchat:dchat1abc'
let window: BrowserWindow
let shell: Shell
let host: Host

/** What the page is told reaches the preload script. */
const deliver = (to: BrowserWindow): void => {
  to.webContents.send = (channel, ...args) => void ipcRenderer.emit(channel as string, {}, ...structuredClone(args))
}

beforeAll(async () => {
  vi.stubEnv('DCHAT_APP_DATA', data)
  vi.stubEnv(
    'DCHAT_SUGGESTIONS',
    JSON.stringify({ relays: [{ url: 'ws://127.0.0.1:1', name: 'Here' }], guide: invite }),
  )
  await import('../../src/main/index.ts')
  await soon(() => expect(standIn.windows).toHaveLength(1))
  window = standIn.windows[0] as BrowserWindow
  deliver(window)
  await import('../../src/preload/index.ts')
  shell = preloadSide.world.dchatShell as Shell
  const { electronHost } = await import('../../src/renderer/host/electron.ts')
  host = await electronHost(shell)
})

afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(data, { recursive: true, force: true })
})

describe('the program', () => {
  test('opens a sandboxed window on its own page, and shows it when there is something to see', () => {
    expect(window.webContents.mainFrame.url).toBe('app://dchat/index.html')
    expect(window.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    })
    expect((window.options.webPreferences as { preload: string }).preload).toMatch(/preload[/\\]index\.cjs$/)
    expect(window.shown).toBe(0)
    window.emit('ready-to-show')
    expect(window.shown).toBe(1)
  })

  test('serves the page by a scheme that is as secure as https, from the files of the build alone', async () => {
    expect(standIn.privileged).toMatchObject([{ scheme: 'app', privileges: { standard: true, secure: true } }])
    const handle = standIn.protocols.get('app')
    expect(standIn.defaultClient).toBe('dchat')
    const page = await handle?.(new Request('app://dchat/index.html'))
    expect(page?.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await handle?.(new Request('app://dchat/../../package.json')))?.status).toBe(404)
    expect((await handle?.(new Request('app://other/index.html')))?.status).toBe(404)
  })

  test('goes nowhere else, and opens no second window', () => {
    const prevented = (event: string, url: string): boolean => {
      const preventDefault = vi.fn()
      window.webContents.emit(event, { url, preventDefault })
      return preventDefault.mock.calls.length === 1
    }
    expect(prevented('will-frame-navigate', 'https://evil.example/')).toBe(true)
    expect(prevented('will-redirect', 'file:///etc/passwd')).toBe(true)
    expect(prevented('will-attach-webview', '')).toBe(true)
    expect(prevented('will-frame-navigate', 'app://dchat/print.html')).toBe(false)
    expect(window.webContents.opener?.({ url: 'https://a.example/' })).toEqual({ action: 'deny' })
    expect(window.webContents.opener?.({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(standIn.opened).toEqual(['https://a.example/'])
  })

  test('gives pages the permissions of the policy', () => {
    const answer = vi.fn()
    standIn.permission({}, 'notifications', answer, { requestingUrl: 'app://dchat/index.html' })
    standIn.permission({}, 'geolocation', answer, { requestingUrl: 'app://dchat/index.html' })
    standIn.permission({}, 'media', answer, { requestingUrl: 'app://dchat/index.html', mediaTypes: ['audio'] })
    expect(answer.mock.calls).toEqual([[true], [false], [false]])
    expect(standIn.check({}, 'notifications', 'https://evil.example', {})).toBe(false)
    expect(standIn.check({}, 'media', 'app://dchat', { mediaType: 'video' })).toBe(true)
  })

  test('answers its own page and no frame in it', () => {
    const call = standIn.calls.get('dchat:call')
    const sender = window.webContents
    for (const senderFrame of [null, { url: sender.mainFrame.url }, { url: 'https://evil.example/' }])
      expect(() => call?.({ sender, senderFrame }, 'about', undefined)).toThrow('may not ask')
  })

  test('remembers where its window was closed', () => {
    window.emit('close')
    expect(JSON.parse(readFileSync(join(data, 'window.json'), 'utf8'))).toEqual({ ...window.bounds, maximized: false })
  })
})

describe('the host over it', () => {
  test('knows the program, and what was suggested to it', async () => {
    expect([host.kind, host.updates.version, host.secrets.boundTo]).toEqual([
      'electron',
      '1.2.3',
      expect.stringMatching(/account/),
    ])
    expect(await host.suggestions()).toEqual({ relays: [{ url: 'ws://127.0.0.1:1', name: 'Here' }], guide: invite })
    expect(await host.updates.state()).toBe('managed-elsewhere')
  })

  test('locks secrets, and throws the errors of the table', async () => {
    const secret = Uint8Array.of(0, 255, 7)
    const wrapped = await host.secrets.wrap(secret)
    expect(wrapped).not.toEqual(secret)
    expect(await host.secrets.unwrap(wrapped)).toEqual(secret)
    await expect(host.secrets.wrap(new Uint8Array(2 ** 21))).rejects.toMatchObject({
      name: 'DchatError',
      code: 'usage/invalid-argument',
    })
  })

  test('saves and opens files of any size', async () => {
    standIn.dialogs.save = join(data, 'saved.bin')
    const big = new Uint8Array(2.5 * 1024 * 1024).fill(9)
    const chunks = async function* () {
      yield big
      yield Uint8Array.of(1)
    }
    expect(await host.files.save('saved.bin', chunks(), '')).toBe(true)
    standIn.dialogs.open = standIn.dialogs.save
    const file = await host.files.open('')
    expect(file).toMatchObject({ name: 'saved.bin', size: big.length + 1 })
    let size = 0
    for await (const part of file?.chunks() ?? []) size += part.length
    expect(size).toBe(big.length + 1)
  })

  test('leaves no file when what is saved breaks off', async () => {
    standIn.dialogs.save = join(data, 'broken.bin')
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1)
      throw new Error('the backup broke off')
    }
    await expect(host.files.save('broken.bin', chunks(), '')).rejects.toThrow('broke off')
    expect(() => readFileSync(standIn.dialogs.save as string)).toThrow('ENOENT')
  })

  test('tells invites of before and after, each once', async () => {
    app.emit('second-instance', {}, ['dchat', `${invite}?1`])
    const heard: string[] = []
    const stop = host.links.onInvite((each) => heard.push(each))
    await soon(() => expect(heard).toEqual([`${invite}?1`]))
    app.emit('open-url', { preventDefault: () => {} }, `${invite}?2`)
    app.emit('second-instance', {}, ['dchat', 'https://no.example/'])
    expect(heard).toEqual([`${invite}?1`, `${invite}?2`])
    stop()
  })

  test('opens links to the web in the browser, and nothing else anywhere', async () => {
    standIn.opened.length = 0
    for (const url of ['https://a.example/b', 'file:///etc/passwd', 'javascript:alert(1)']) host.links.open(url)
    expect(await shell.call('links.open', 'smb://host/share')).toEqual({ ok: true, value: undefined })
    expect(standIn.opened).toEqual(['https://a.example/b'])
  })

  test('shows notifications, and brings the window to the front for the one that is chosen', async () => {
    const chosen: string[] = []
    const stop = host.notifications.onChosen((id) => chosen.push(id))
    host.notifications.show({ id: 'chat-1', title: 'Ann', body: 'Hello' })
    await soon(() => expect(standIn.notifications).toHaveLength(1))
    const [shown] = standIn.notifications
    expect([shown?.shown, shown?.options]).toEqual([true, { title: 'Ann', body: 'Hello' }])
    const before = window.shown
    shown?.emit('click')
    expect(chosen).toEqual(['chat-1'])
    expect(window.shown).toBe(before + 1)
    stop()
  })

  test('puts the number of unread messages on the icon', async () => {
    host.setBadge(3)
    await soon(() => expect(standIn.badge).toBe(3))
  })
})
