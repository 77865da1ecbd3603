import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'

export interface ProfileConfig {
  /** Home relays, most preferred first. */
  readonly relays: readonly string[]
}

export interface Config {
  /** Used where neither flag nor environment names one. */
  readonly profile?: string
  readonly profiles: Readonly<Record<string, ProfileConfig>>
}

const EMPTY: Config = { profiles: {} }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const damaged = (file: string, reason: string): DchatError =>
  new DchatError(
    'storage/corrupt',
    { store: file, reason },
    { hint: 'Correct the file, or move it away and run "dchat init" again.' },
  )

const profileConfig = (value: unknown, file: string): ProfileConfig => {
  const relays = isRecord(value) ? (value.relays ?? []) : undefined
  if (!Array.isArray(relays) || !relays.every((relay) => typeof relay === 'string'))
    throw damaged(file, 'the relays of a profile are not a list of addresses')
  return { relays }
}

/** Unknown fields are ignored; what is known must have its shape. Throws `storage/corrupt`. */
export const parseConfig = (text: string, file: string): Config => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new DchatError('storage/corrupt', { store: file, reason: 'it is not JSON' }, { cause })
  }
  if (!isRecord(value)) throw damaged(file, 'it is not an object')
  const { profile, profiles = {} } = value
  if (profile !== undefined && typeof profile !== 'string') throw damaged(file, '"profile" is not a name')
  if (!isRecord(profiles)) throw damaged(file, '"profiles" is not an object')
  const entries = Object.entries(profiles).map(([name, entry]) => [name, profileConfig(entry, file)] as const)
  return { ...(profile === undefined ? {} : { profile }), profiles: Object.fromEntries(entries) }
}

export const configFile = (directory: string): string => join(directory, 'config.json')

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

const readText = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

export const readConfig = async (directory: string): Promise<Config> => {
  const file = configFile(directory)
  const text = await readText(file)
  return text === undefined ? EMPTY : parseConfig(text, file)
}

/** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
const replaceFile = async (file: string, text: string): Promise<void> => {
  const draft = `${file}.${process.pid}.new`
  try {
    const handle = await open(draft, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Creates the folder for this user alone. */
export const privateDirectory = async (path: string): Promise<void> => {
  const created = await mkdir(path, { recursive: true, mode: 0o700 })
  if (created !== undefined) await chmod(path, 0o700)
}

type Whole = Readonly<Record<string, unknown>>

const withProfile =
  (name: string, profile: ProfileConfig) =>
  (whole: Whole): Whole => {
    const profiles = isRecord(whole.profiles) ? whole.profiles : {}
    const known = isRecord(profiles[name]) ? profiles[name] : {}
    return { ...whole, profiles: { ...profiles, [name]: { ...known, ...profile } } }
  }

const updated = async (file: string, change: (whole: Whole) => Whole): Promise<string> => {
  const text = await readText(file)
  if (text !== undefined) parseConfig(text, file)
  return `${JSON.stringify(change(text === undefined ? {} : JSON.parse(text)), null, 2)}\n`
}

/** How often a change is made again that another process undid by writing at the same moment. */
const ATTEMPTS = 5

/** Everything else in the file stays, also what this version does not know. */
const changeFile = async (directory: string, change: (whole: Whole) => Whole): Promise<void> => {
  await privateDirectory(directory)
  const file = configFile(directory)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const wanted = await updated(file, change)
    if (attempt > 0 && wanted === (await readText(file))) return
    await replaceFile(file, wanted)
  }
}

/** Remembers a profile's settings. */
export const writeProfileConfig = (directory: string, name: string, profile: ProfileConfig): Promise<void> =>
  changeFile(directory, withProfile(name, profile))

/** Remembers which profile is used where neither flag nor environment names one. */
export const writeDefaultProfile = (directory: string, name: string): Promise<void> =>
  changeFile(directory, (whole) => ({ ...whole, profile: name }))
