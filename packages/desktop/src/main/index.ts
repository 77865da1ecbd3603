import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, type BrowserWindow, dialog, ipcMain, Menu, protocol, session } from 'electron'
import { answerWith } from '../core/answer.ts'
import { CALL_CHANNEL } from '../core/channels.ts'
import { inviteAmong } from '../core/invite.ts'
import { pagesOf } from '../core/pages.ts'
import { APP_SCHEME, isOwnPage } from '../core/policy.ts'
import { guardPages, guardPermissions, isFromPage } from './guards.ts'
import { makeHandlers } from './handlers.ts'
import { bringToFront, openWindow } from './window.ts'

/** The composition root of the desktop program; the only file that reads the environment. */
const { DCHAT_APP_DATA, DCHAT_SUGGESTIONS } = process.env
const PAGES = fileURLToPath(new URL('../renderer', import.meta.url))

if (DCHAT_APP_DATA !== undefined) app.setPath('userData', join(DCHAT_APP_DATA))

protocol.registerSchemesAsPrivileged([
  {
    scheme: APP_SCHEME,
    privileges: {
      standard: true,
      secure: true,
      supportFetchAPI: true,
      stream: true,
      corsEnabled: true,
      codeCache: true,
    },
  },
])

// macOS may tell the link that starts the program before it is ready.
let early: string | undefined
app.once('open-url', (event, url) => {
  event.preventDefault()
  early = url
})

const servePages = (): void => {
  const answer = pagesOf(PAGES)
  protocol.handle(APP_SCHEME, async ({ method, url }) => {
    if (!isOwnPage(url)) return new Response('There is no such page.\n', { status: 404 })
    const { status, headers, body } = await answer(method, new URL(url).pathname)
    return new Response(method === 'HEAD' ? null : body, { status, headers })
  })
}

const start = async (): Promise<void> => {
  await app.whenReady()
  guardPermissions(session.defaultSession)
  servePages()
  // macOS has its menu at the top of the screen; elsewhere the page has everything.
  if (app.isPackaged && process.platform !== 'darwin') Menu.setApplicationMenu(null)

  let current: BrowserWindow | undefined
  const window = (): BrowserWindow => {
    current ??= open()
    return current
  }
  const feed = import.meta.env.MAIN_VITE_UPDATES
  const { handlers, invites, gone } = makeHandlers({ window, suggestions: DCHAT_SUGGESTIONS, feed })
  const answer = answerWith(handlers)
  const open = (): BrowserWindow => {
    const opened = openWindow()
    opened.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) void gone()
    })
    opened.on('closed', () => {
      current = undefined
      void gone()
    })
    return opened
  }

  ipcMain.handle(CALL_CHANNEL, (event, name: unknown, params: unknown) => {
    if (!isFromPage(event)) throw new Error('this page may not ask')
    return answer(name, params)
  })
  const invite = (text: string | undefined): void => {
    if (text !== undefined) invites.add(text)
    bringToFront(window())
  }
  app.on('second-instance', (_event, args) => invite(inviteAmong(args)))
  app.on('activate', () => invite(undefined))
  app.on('open-url', (event, url) => {
    event.preventDefault()
    invite(url)
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  const first = inviteAmong(process.argv) ?? early
  if (first !== undefined) invites.add(first)
  window()
}

guardPages(app)
app.setAsDefaultProtocolClient('dchat')
if (app.requestSingleInstanceLock())
  start().catch((error: unknown) => {
    dialog.showErrorBox('dchat cannot start', String(error))
    app.exit(1)
  })
else app.quit()
