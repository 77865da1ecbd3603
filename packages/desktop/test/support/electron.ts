/**
 * A stand-in for Electron in Node: it keeps what the program did with it. One per test file, because the program makes its
 * one app when it is loaded.
 */
import { EventEmitter } from 'node:events'

const record = {
  paths: {} as Record<string, string>,
  privileged: [] as unknown[],
  protocols: new Map<string, (request: Request) => Promise<Response>>(),
  calls: new Map<string, (event: unknown, ...args: unknown[]) => unknown>(),
  windows: [] as BrowserWindow[],
  opened: [] as string[],
  notifications: [] as Notification[],
  dialogs: { save: undefined as string | undefined, open: undefined as string | undefined },
  permission: undefined as unknown as (...args: unknown[]) => void,
  check: undefined as unknown as (...args: unknown[]) => boolean,
  menus: [] as unknown[],
  defaultClient: '',
  badge: 0,
  quits: 0,
}
/** What the program did. */
export const standIn = record

class WebContents extends EventEmitter {
  readonly sent: unknown[][] = []
  readonly mainFrame = { url: '' }
  opener: ((details: { url: string }) => unknown) | undefined
  send(...args: unknown[]): void {
    this.sent.push(args)
  }
  setWindowOpenHandler(opener: (details: { url: string }) => unknown): void {
    this.opener = opener
  }
  replaceMisspelling(): void {}
}

class App extends EventEmitter {
  isPackaged = false
  whenReady = async (): Promise<void> => {}
  requestSingleInstanceLock = (): boolean => true
  getVersion = (): string => '1.2.3'
  getPath = (name: string): string => record.paths[name] ?? ''
  setPath = (name: string, path: string): void => {
    record.paths[name] = path
  }
  setAsDefaultProtocolClient = (scheme: string): void => {
    record.defaultClient = scheme
  }
  setBadgeCount = (count: number): void => {
    record.badge = count
  }
  quit = (): void => {
    record.quits += 1
  }
  exit = this.quit
}
export const app = new App()

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents()
  readonly options: Record<string, unknown>
  maximized = false
  shown = 0
  bounds = { x: 40, y: 50, width: 900, height: 700 }
  constructor(options: Record<string, unknown>) {
    super()
    this.options = options
    record.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  loadURL = async (url: string): Promise<void> => {
    this.webContents.mainFrame.url = url
  }
  show = (): void => {
    this.shown += 1
  }
  focus = (): void => {}
  reload = (): void => {}
  restore = (): void => {}
  isMinimized = (): boolean => false
  maximize = (): void => {
    this.maximized = true
  }
  isMaximized = (): boolean => this.maximized
  getNormalBounds = () => this.bounds
}

export class Notification extends EventEmitter {
  static isSupported = (): boolean => true
  readonly options: { title: string; body: string }
  shown = false
  constructor(options: { title: string; body: string }) {
    super()
    this.options = options
    record.notifications.push(this)
  }
  show(): void {
    this.shown = true
  }
  close(): void {
    this.shown = false
  }
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]): void => void record.privileged.push(...schemes),
  handle: (scheme: string, handler: (request: Request) => Promise<Response>): void =>
    void record.protocols.set(scheme, handler),
}
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: typeof record.permission): void => {
      record.permission = handler
    },
    setPermissionCheckHandler: (handler: typeof record.check): void => {
      record.check = handler
    },
    setDevicePermissionHandler: (): void => {},
  },
}
export const ipcMain = {
  handle: (channel: string, handler: (event: unknown, ...args: unknown[]) => unknown): void =>
    void record.calls.set(channel, handler),
}
export const shell = { openExternal: async (url: string): Promise<void> => void record.opened.push(url) }
export const dialog = {
  showSaveDialog: async () => ({ canceled: record.dialogs.save === undefined, filePath: record.dialogs.save ?? '' }),
  showOpenDialog: async () => ({
    canceled: record.dialogs.open === undefined,
    filePaths: record.dialogs.open === undefined ? [] : [record.dialogs.open],
  }),
  showMessageBox: async () => ({ response: 0 }),
  showErrorBox: (): void => {},
}
export const Menu = {
  setApplicationMenu: (): void => {},
  buildFromTemplate: (template: unknown) => ({ popup: (): void => void record.menus.push(template) }),
}
export const nativeTheme = { shouldUseDarkColors: true }
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }] }
export const safeStorage = {
  isAsyncEncryptionAvailable: async (): Promise<boolean> => true,
  getSelectedStorageBackend: (): string => 'gnome_libsecret',
  setUsePlainTextEncryption: (): void => {},
  encryptStringAsync: async (text: string) => Buffer.from(text).reverse(),
  decryptStringAsync: async (sealed: Buffer) => ({ result: Buffer.from(sealed).reverse().toString() }),
}
export const autoUpdater = new EventEmitter()

/** The page's side, for the preload script: what it puts into the page, and what it sends. */
export const preloadSide = { world: {} as Record<string, unknown>, renderer: new EventEmitter() }
export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown): void => {
    preloadSide.world[name] = value
  },
}
export const ipcRenderer = Object.assign(preloadSide.renderer, {
  /** As Electron does it: to the program, from the page of the last window. */
  invoke: async (channel: string, ...args: unknown[]): Promise<unknown> => {
    const sender = record.windows.at(-1)?.webContents
    return record.calls.get(channel)?.({ sender, senderFrame: sender?.mainFrame }, ...structuredClone(args))
  },
})
