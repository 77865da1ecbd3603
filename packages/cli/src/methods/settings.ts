import type { Engine } from './engine.ts'
import type { SettingsView } from './signal-types.ts'

export const getSettings = ({ client }: Engine): Promise<SettingsView> => client.settings.get()

export const setSettings = (
  { client }: Engine,
  changes: { readonly [K in keyof SettingsView]?: SettingsView[K] | undefined },
): Promise<SettingsView> => {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  return client.settings.set(given)
}
