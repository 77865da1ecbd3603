import { readFile } from 'node:fs/promises'
import { DchatError, isDchatError, parseRelayUrl } from '@dchat/sdk/wire'
import { DEFAULT_LIMITS } from '../policy/limits.ts'
import { networkList } from '../policy/network.ts'
import { nearest } from './nearest.ts'
import { type Config, configSchema, SETTINGS, type Setting, variableOf } from './schema.ts'

type Given = Readonly<Record<string, unknown>>
export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = variableOf('')
/** Names the file, as `--config` does. */
const CONFIG_VARIABLE = variableOf('config')

const invalid = (name: string, reason: string, cause?: unknown) =>
  new DchatError('usage/invalid-argument', { name, reason }, { cause })

const unknown = (name: string, words: readonly string[], within = '') => {
  const meant = nearest(name, words)
  return invalid(
    within === '' ? name : `${within}.${name}`,
    meant === undefined ? 'there is no such setting' : `there is no such setting; "${meant}" is one`,
  )
}

const needRelayUrl = (url: string): void => {
  try {
    parseRelayUrl(url)
  } catch (error) {
    throw isDchatError(error, 'usage/invalid-argument') ? invalid('publicUrl', error.details.reason, error) : error
  }
}

/** The first thing that is wrong, in one clause. */
const check = (given: Given): Config => {
  const parsed = configSchema.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = issue?.path.join('.') ?? ''
    if (issue?.code === 'unrecognized_keys') {
      const words = path === 'limits' ? Object.keys(DEFAULT_LIMITS) : SETTINGS.map(({ key }) => key)
      throw unknown(issue.keys[0] ?? '', words, path)
    }
    throw invalid(path || 'configuration', issue?.message.toLowerCase() ?? 'it is not valid')
  }
  const { tlsCert, tlsKey, trustedProxies, publicUrl } = parsed.data
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw invalid('tlsCert', 'certificate and key belong together')
  networkList(trustedProxies)
  if (publicUrl !== undefined) needRelayUrl(publicUrl)
  return parsed.data
}

const readJson = async (file: string): Promise<Given> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw invalid('config', 'the file cannot be read', cause)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Given
  } catch (cause) {
    throw invalid('config', 'the file is not JSON', cause)
  }
  throw invalid('config', 'the file must hold one JSON object')
}

const parsedValue = ({ key, shape }: Setting, text: string): unknown => {
  if (shape === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  if (shape !== 'number') return text
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isNaN(value)) throw invalid(variableOf(key), 'it must be a number')
  return value
}

/** The variables that are ours. An unknown one is refused as well: a misspelt setting would be silent. */
const fromEnvironment = (environment: Environment): Given => {
  const settings = SETTINGS.filter(({ shape }) => shape !== 'file')
  const given: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || name === CONFIG_VARIABLE || text === undefined) continue
    const setting = settings.find(({ key }) => variableOf(key) === name)
    if (setting === undefined)
      throw unknown(
        name,
        settings.map(({ key }) => variableOf(key)),
      )
    given[setting.key] = parsedValue(setting, text)
  }
  return given
}

/**
 * Flags before the environment, the environment before the file, the file before the defaults. The file is the one that
 * the flag names, else the one of `DCHAT_RELAY_CONFIG`.
 * Throws `usage/invalid-argument` with the first key that is wrong.
 */
export const readConfig = async (flags: Given, file?: string, environment: Environment = {}): Promise<Config> => {
  const named = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  const from = file ?? environment[CONFIG_VARIABLE]
  return check({ ...(from === undefined ? {} : await readJson(from)), ...fromEnvironment(environment), ...named })
}
