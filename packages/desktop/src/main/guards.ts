import { type App, type IpcMainInvokeEvent, Menu, type Session, shell, type WebContents } from 'electron'
import { editMenu } from '../core/edit-menu.ts'
import { outsideLink } from '../core/outside.ts'
import { isOwnPage, mayUse } from '../core/policy.ts'

/** Hands a web address to the person's browser, if it is one. */
export const openOutside = (url: string): void => {
  const href = outsideLink(url)
  // Without a program for it nothing happens, as everywhere.
  if (href !== undefined) shell.openExternal(href).catch(() => {})
}

/** True if the app's own page asks, and not a frame in it. */
export const isFromPage = ({ senderFrame, sender }: IpcMainInvokeEvent): boolean =>
  senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url)

const guard = (contents: WebContents): void => {
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url)
    return { action: 'deny' }
  })
  contents.on('context-menu', (_event, clicked) => {
    const entries = editMenu(clicked, (word) => contents.replaceMisspelling(word))
    if (entries.length > 0) Menu.buildFromTemplate([...entries]).popup()
  })
}

/** Nothing leaves the app: every page that is ever made in it stays on its own pages. */
export const guardPages = (app: App): void => {
  app.on('web-contents-created', (_event, contents) => guard(contents))
}

/** What pages may use of the machine. */
export const guardPermissions = (session: Session): void => {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const media = 'mediaTypes' in details ? details.mediaTypes : undefined
    answer(mayUse(permission, details.requestingUrl, media))
  })
  session.setPermissionCheckHandler((_contents, permission, origin, { mediaType }) =>
    mayUse(permission, origin, mediaType === undefined ? [] : [mediaType]),
  )
  session.setDevicePermissionHandler(() => false)
}
