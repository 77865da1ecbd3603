import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Where installers put it that change no PATH. */
const USUAL = [
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

const isProgram = (file) => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * The Chromium of this machine; nothing is ever downloaded. CHROMIUM_PATH, where it is set, has the only say.
 * @param {Record<string, string | undefined>} [env]
 * @returns {string | undefined} its file
 */
export const findChromium = (env = process.env) => {
  if (env.CHROMIUM_PATH) return isProgram(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...USUAL].find(isProgram)
}

/** What the programs and tests that need it say where there is none. */
export const NO_CHROMIUM = 'no Chromium was found; install one, or name its file in CHROMIUM_PATH'

/** Chromium refuses its sandbox to root, who has one in a container at most. */
export const chromiumArgs = () => (process.getuid?.() === 0 ? ['--no-sandbox'] : [])
