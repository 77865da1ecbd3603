import { DchatError, isDchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { defineCommand } from '../command/define.ts'
import { invalid } from '../command/text-argument.ts'
import { configFile, readConfig, writeDefaultProfile, writeProfileConfig } from '../config/config.ts'
import {
  FILE_KEYS,
  type FileKey,
  isFileKey,
  isSettingKey,
  SETTINGS,
  settingChange,
  settingText,
} from '../config/keys.ts'
import { parseProfile } from '../config/profile.ts'
import { oneLine } from '../io/text.ts'
import type { SettingsView } from '../methods/signal-types.ts'

const KEYS = [...Object.keys(SETTINGS), ...FILE_KEYS]
const unknown = (key: string) => invalid('key', `there is no "${key}"; keys are ${KEYS.join(', ')}`)

interface Line {
  readonly key: string
  readonly value: unknown
  /** Where it is kept. */
  readonly of: 'person' | 'machine'
  readonly text: string
}

const settingLines = (settings: SettingsView): readonly Line[] =>
  Object.entries(SETTINGS).map(([key, { name }]) => {
    const value = settings[name]
    return { key, value, of: 'person', text: settingText(value) }
  })

const fileLine = async (key: FileKey, { directories, profile }: Context): Promise<Line> => {
  const config = await readConfig(directories.config)
  if (key === 'profile') {
    const value = config.profile ?? null
    return { key, value, of: 'machine', text: value ?? '-' }
  }
  const value = config.profiles[(await profile()).name]?.relays ?? []
  return { key, value, of: 'machine', text: value.length === 0 ? '-' : value.join(' ') }
}

/** Without an identity there is nobody who has chosen anything. */
const settingsIfAny = async ({ session, signal }: Context): Promise<readonly Line[]> => {
  try {
    return settingLines(await (await session()).call('config.get', {}, { signal }))
  } catch (error) {
    if (isDchatError(error, 'identity/none')) return []
    throw error
  }
}

const lineOf = async (key: string, context: Context): Promise<Line> => {
  if (isFileKey(key)) return fileLine(key, context)
  if (!isSettingKey(key)) throw unknown(key)
  const lines = settingLines(await (await context.session()).call('config.get', {}, context))
  return lines.find((line) => line.key === key) as Line
}

const fields = ({ key, value, of }: Line): object => ({ key, value, of })

export const configList = defineCommand({
  name: 'config list',
  description: 'List what is set: for you on all devices, and in the file of this machine',
  args: {},
  options: {},
  example: 'dchat config list --json',
  usual: true,
  run: async (_values, context) => {
    const { out } = context
    const machine = await Promise.all(FILE_KEYS.map((key) => fileLine(key, context)))
    for (const line of [...(await settingsIfAny(context)), ...machine])
      await out.item('setting', fields(line), `${out.style.bold(line.key)}\t${oneLine(line.text)}`)
    await out.end()
  },
})

export const configGet = defineCommand({
  name: 'config get',
  description: 'Print one of the values of "config list"',
  args: { key: { description: `One of ${KEYS.join(', ')}` } },
  options: {},
  example: 'dchat config get presence',
  run: async ({ key }, context) => {
    const line = await lineOf(key, context)
    await context.out.result(fields(line), line.text)
  },
})

export const configSet = defineCommand({
  name: 'config set',
  description: 'Change one of the values of "config list"',
  args: {
    key: { description: `One of ${KEYS.join(', ')}` },
    value: { description: 'Its new value; several relays are separated by commas' },
  },
  options: {},
  example: 'dchat config set presence off',
  run: async ({ key, value }, context) => {
    const { directories, profile, session, signal, out } = context
    if (isSettingKey(key)) {
      const change = settingChange(key, value)
      if (change === undefined) throw invalid('value', `"${key}" is one of ${SETTINGS[key].values.join(', ')}`)
      await (await session()).call('config.set', change, { signal })
    } else if (key === 'profile') {
      await writeDefaultProfile(directories.config, parseProfile(value, directories).name)
    } else if (key === 'relays') {
      const { parseRelayUrl } = await import('@dchat/sdk')
      const relays = value.split(/[\s,]+/).filter((each) => each !== '')
      if (relays.length === 0) throw new DchatError('usage/invalid-argument', { name: 'value', reason: 'it is empty' })
      await writeProfileConfig(directories.config, (await profile()).name, { relays: relays.map(parseRelayUrl) })
    } else throw unknown(key)
    const line = await lineOf(key, context)
    await out.result(fields(line), `${line.key}\t${oneLine(line.text)}`)
  },
})

export const configPath = defineCommand({
  name: 'config path',
  description: 'Print where the file of this machine is',
  args: {},
  options: {},
  example: 'dchat config path',
  run: async (_values, { directories, out }) => {
    const path = configFile(directories.config)
    await out.result({ path }, path)
  },
})
