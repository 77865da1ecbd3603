import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bot } from '@dchat/bot-kit'
import { DchatError } from '@dchat/sdk/errors'
import { lendPackages } from './own-packages.ts'

/** What `bot run` looks for where no file is named. */
const USUAL = ['bot.js', 'bot.mjs', 'bot.ts'] as const

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )

/** The file that was named, or the one of the usual name; undefined where there is none. */
export const botFile = async (named: string | undefined): Promise<string | undefined> => {
  if (named !== undefined) {
    if (await isFile(named)) return named
    throw new DchatError('usage/invalid-argument', { name: 'file', reason: `there is no file ${named}` })
  }
  for (const name of USUAL) if (await isFile(name)) return name
  return undefined
}

const isBot = (value: unknown): value is Bot =>
  typeof value === 'object' && value !== null && 'start' in value && 'stop' in value && 'handle' in value

const reasonOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | undefined)?.code
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'this version of Node runs no TypeScript: 22.18 and later ones do'
  return `it cannot be loaded (${error instanceof Error ? error.name : typeof error})`
}

/**
 * The bot that a module exports as `bot`. Throws `usage/invalid-argument`; what the module threw is its cause, and told by
 * `note`, because only its author can mend it.
 */
export const loadBot = async (file: string, note: (text: string) => void): Promise<Bot> => {
  lendPackages()
  let module: Readonly<Record<string, unknown>>
  try {
    module = await import(pathToFileURL(resolve(file)).href)
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'DchatError') throw cause
    const reason = reasonOf(cause)
    note(String(cause instanceof Error ? (cause.stack ?? cause.message) : cause))
    throw new DchatError('usage/invalid-argument', { name: 'file', reason: `${file}: ${reason}` }, { cause })
  }
  const bot = module.bot ?? module.default
  if (isBot(bot)) return bot
  throw new DchatError(
    'usage/invalid-argument',
    { name: 'file', reason: `${file} exports no bot` },
    { hint: 'Write "export const bot = createBot(…)" with createBot of @dchat/bot-kit.' },
  )
}
