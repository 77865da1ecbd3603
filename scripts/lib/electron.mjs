import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from './run.mjs'

const desktop = createRequire(join(root, 'packages/desktop/package.json'))

/** What its installer wrote into its folder: where the program is in there. */
const installed = () => {
  const folder = dirname(desktop.resolve('electron/package.json'))
  const path = join(folder, 'path.txt')
  return existsSync(path) ? join(folder, 'dist', readFileSync(path, 'utf8').trim()) : undefined
}

const NAMES = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }

/**
 * The Electron of this machine, found by files alone: to ask the package would download one.
 * ELECTRON_OVERRIDE_DIST_PATH, where it is set, has the only say.
 * @param {Record<string, string | undefined>} [env]
 * @returns {string | undefined} its file
 */
export const findElectron = (env = process.env, platform = process.platform) => {
  const given = env.ELECTRON_OVERRIDE_DIST_PATH
  const file = given ? join(given, NAMES[platform] ?? 'electron') : installed()
  return file !== undefined && existsSync(file) ? file : undefined
}

/** What the tests that need it say where there is none. */
export const NO_ELECTRON = 'no Electron was found; install one, or name its folder in ELECTRON_OVERRIDE_DIST_PATH'

/** True if windows can be opened, and by a user whom Electron takes: it refuses its sandbox to root. */
export const hasDisplay = (env = process.env, platform = process.platform, user = process.getuid?.()) => {
  if (platform === 'darwin' || platform === 'win32') return true
  return user !== 0 && Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}
