import { autoUpdater, type BrowserWindow, dialog, Notification, safeStorage } from 'electron'
import type { FileDialogs } from '../core/handlers/files.ts'
import type { ShowOne } from '../core/handlers/notifications.ts'
import type { SystemKeys } from '../core/handlers/secrets.ts'
import type { Updater } from '../core/handlers/updates.ts'

/** The key store of this account: Keychain, DPAPI, or a keyring. */
export const systemKeys: SystemKeys = {
  isAvailable: () => safeStorage.isAsyncEncryptionAvailable(),
  backend: () => (process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : undefined),
  usePlain: () => safeStorage.setUsePlainTextEncryption(true),
  encrypt: (text) => safeStorage.encryptStringAsync(text),
  decrypt: async (sealed) => (await safeStorage.decryptStringAsync(Buffer.from(sealed))).result,
}

/** Dialogs over the app's window. */
export const fileDialogs = (window: () => BrowserWindow): FileDialogs => ({
  save: async (name) => {
    const { canceled, filePath } = await dialog.showSaveDialog(window(), { defaultPath: name })
    return canceled || filePath === '' ? undefined : filePath
  },
  open: async (extensions) => {
    const filters = extensions.length === 0 ? [] : [{ name: 'Files', extensions: [...extensions] }]
    const { canceled, filePaths } = await dialog.showOpenDialog(window(), { properties: ['openFile'], filters })
    return canceled ? undefined : filePaths[0]
  },
})

export const showNotification: ShowOne = ({ title, body }, chosen, gone) => {
  const each = new Notification({ title, body })
  each.on('click', chosen)
  each.on('close', gone)
  each.show()
  return each
}

/** Electron's own updater, where there is one and the build was told where its versions are. */
export const systemUpdater = (feed: string | undefined, isPackaged: boolean): Updater | undefined => {
  const hasOne = process.platform === 'darwin' || process.platform === 'win32'
  if (feed === undefined || !isPackaged || !hasOne) return undefined
  autoUpdater.setFeedURL({ url: feed })
  // It is asked for at every start, and a version that cannot be fetched today comes another day.
  autoUpdater.on('error', () => {})
  return {
    check: () => autoUpdater.checkForUpdates(),
    install: () => autoUpdater.quitAndInstall(),
    onReady: (listener) => void autoUpdater.on('update-downloaded', listener),
  }
}
