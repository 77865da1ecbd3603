import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron'
import { APP_PAGE } from '../core/policy.ts'
import { placeOf, rememberPlace, windowOptions } from '../core/window.ts'

const PRELOAD = fileURLToPath(new URL('../preload/index.cjs', import.meta.url))

const placeFile = (): string => join(app.getPath('userData'), 'window.json')

const remembered = (): string | undefined => {
  try {
    return readFileSync(placeFile(), 'utf8')
  } catch {
    return undefined
  }
}

const remember = (window: BrowserWindow): void => {
  try {
    writeFileSync(placeFile(), rememberPlace(window.getNormalBounds(), window.isMaximized()))
  } catch {
    // It opens in its first place then.
  }
}

const askAfterCrash = async (window: BrowserWindow): Promise<void> => {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'The window stopped working.',
    detail: 'Your messages are safe. Open it again, or quit.',
    buttons: ['Open again', 'Quit'],
    cancelId: 1,
  })
  if (response === 0) window.reload()
  else app.quit()
}

/** The app's window, where it was closed; it is shown as soon as there is something to see. */
export const openWindow = (): BrowserWindow => {
  const place = placeOf(
    remembered(),
    screen.getAllDisplays().map(({ workArea }) => workArea),
  )
  const window = new BrowserWindow(windowOptions(PRELOAD, place, nativeTheme.shouldUseDarkColors))
  window.once('ready-to-show', () => {
    if (place.maximized) window.maximize()
    window.show()
  })
  window.on('close', () => remember(window))
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') askAfterCrash(window).catch(() => app.quit())
  })
  // A page that cannot be loaded is an installation without its files.
  window.loadURL(APP_PAGE).catch(() => app.quit())
  return window
}

/** In front of everything else, wherever it was. */
export const bringToFront = (window: BrowserWindow): void => {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
