import type { SettingsView } from '../methods/signal-types.ts'

/** What a person chose for all of its devices, as the command line names it and its values. */
export const SETTINGS = {
  typing: { name: 'typing', values: ['on', 'off'] },
  presence: { name: 'presence', values: ['on', 'off'] },
  reports: { name: 'reports', values: ['always', 'small', 'never'] },
  strangers: { name: 'strangers', values: ['ask', 'allow'] },
  'archive-bodies': { name: 'archiveBodies', values: ['on', 'off'] },
  notify: { name: 'notify', values: ['all', 'mentions', 'none'] },
} as const satisfies Readonly<Record<string, { name: keyof SettingsView; values: readonly string[] }>>

/** What stands in the configuration file of this machine. */
export const FILE_KEYS = ['profile', 'relays'] as const

export type SettingKey = keyof typeof SETTINGS
export type FileKey = (typeof FILE_KEYS)[number]

export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(SETTINGS, key)
export const isFileKey = (key: string): key is FileKey => FILE_KEYS.some((each) => each === key)

/** `on` and `off` stand for true and false. */
export const settingText = (value: SettingsView[keyof SettingsView]): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : value

export const settingChange = (key: SettingKey, text: string): Partial<SettingsView> | undefined => {
  const { name, values } = SETTINGS[key]
  if (!values.some((value) => value === text)) return undefined
  return { [name]: text === 'on' ? true : text === 'off' ? false : text }
}
