import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { readSecret } from '../io/secrets.ts'

/** Which bot a command means, and where it keeps what it knows. */
export const PLACE_OPTIONS = {
  'secret-file': {
    type: 'text',
    placeholder: 'P|-',
    description: 'The secret that is the bot (default: bot.secret beside the bot)',
  },
  data: {
    type: 'text',
    placeholder: 'DIR',
    description: 'Where the bot keeps what it knows (default: .dchat/<address> beside its secret)',
  },
} as const

export const SECRET_FILE = 'bot.secret'

export interface PlaceValues {
  readonly 'secret-file': string | undefined
  readonly data: string | undefined
}

export interface Place {
  readonly data: string
  /** Undefined: the bot is the profile that --profile names. */
  readonly secret?: string
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const secretIn = async (path: string, context: Context): Promise<string> => {
  if (path !== '-' && !(await isThere(path)))
    throw new DchatError(
      'usage/invalid-argument',
      { name: '--secret-file', reason: `there is no file ${path}` },
      { hint: '"dchat bot init" makes a bot with its secret; --profile NAME runs a bot as that profile.' },
    )
  return readSecret(path, '--secret-file', () => context.stdin('--secret-file'))
}

/** Throws `usage/invalid-argument` where neither a secret nor a profile says who the bot is. `folder`: that of the bot. */
export const placeOf = async (values: PlaceValues, context: Context, folder = '.'): Promise<Place> => {
  const named = values['secret-file']
  if (context.globals.profile !== undefined && named === undefined) {
    const { directory } = await context.profile()
    return { data: resolve(values.data ?? join(directory, 'bot')) }
  }
  const path = named ?? join(folder, SECRET_FILE)
  const secret = await secretIn(path, context)
  if (values.data !== undefined) return { data: resolve(values.data), secret }
  const { botAddress } = await import('@dchat/bot-kit')
  const beside = path === '-' ? folder : dirname(path)
  return { data: resolve(beside, '.dchat', botAddress(secret)), secret }
}
