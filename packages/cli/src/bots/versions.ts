import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The version of the bot kit that this program has: what a new bot asks for. */
export const kitVersion = (): string => {
  const entry = createRequire(import.meta.url).resolve('@dchat/bot-kit')
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')) as { version: string }
  return version
}
