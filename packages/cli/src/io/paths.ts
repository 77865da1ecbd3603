import { posix, win32 } from 'node:path'
import type { Environment } from '../host.ts'

export interface Directories {
  readonly config: string
  readonly data: string
  readonly state: string
  readonly cache: string
  readonly runtime: string
}

export interface PathsHost {
  readonly env: Environment
  readonly platform: string
  readonly home: string
  readonly temporary: string
  readonly uid: number | undefined
  /** True if it is a folder of this user: the session's runtime folder exists even where the variable was lost. */
  readonly isDirectory: (path: string) => boolean
}

/** The XDG specification asks to ignore relative paths. */
const absolute = (value: string | undefined): string | undefined =>
  value !== undefined && posix.isAbsolute(value) ? value : undefined

const runtimeOf = ({ env, temporary, uid, isDirectory }: PathsHost, state: string): string => {
  const given = absolute(env.XDG_RUNTIME_DIR)
  if (given !== undefined) return posix.join(given, 'dchat')
  const session = `/run/user/${uid}`
  if (uid !== undefined && isDirectory(session)) return posix.join(session, 'dchat')
  return uid === undefined ? posix.join(state, 'run') : posix.join(temporary, `dchat-${uid}`)
}

const fallbacks = (host: PathsHost): Omit<Directories, 'runtime'> => {
  const { home, platform } = host
  if (platform === 'darwin') {
    const support = posix.join(home, 'Library', 'Application Support', 'dchat')
    const cache = posix.join(home, 'Library', 'Caches', 'dchat')
    return { config: support, data: posix.join(support, 'profiles'), state: posix.join(support, 'state'), cache }
  }
  return {
    config: posix.join(home, '.config', 'dchat'),
    data: posix.join(home, '.local', 'share', 'dchat'),
    state: posix.join(home, '.local', 'state', 'dchat'),
    cache: posix.join(home, '.cache', 'dchat'),
  }
}

const windows = ({ env, home }: PathsHost): Directories => {
  const roaming = win32.join(env.APPDATA ?? win32.join(home, 'AppData', 'Roaming'), 'dchat')
  const local = win32.join(env.LOCALAPPDATA ?? win32.join(home, 'AppData', 'Local'), 'dchat')
  const below = (name: string): string => win32.join(local, name)
  return { config: roaming, data: below('data'), state: below('state'), cache: below('cache'), runtime: below('run') }
}

/** Where things are kept. `DCHAT_HOME` moves all of it; then XDG; then what the platform is used to. */
export const directories = (host: PathsHost): Directories => {
  const { env, platform } = host
  const path = platform === 'win32' ? win32 : posix
  if (env.DCHAT_HOME !== undefined && env.DCHAT_HOME !== '') {
    const root = path.resolve(env.DCHAT_HOME)
    const below = (name: string): string => path.join(root, name)
    return {
      config: below('config'),
      data: below('data'),
      state: below('state'),
      cache: below('cache'),
      runtime: below('run'),
    }
  }
  if (platform === 'win32') return windows(host)
  const usual = fallbacks(host)
  const xdg = (name: string, otherwise: string): string => {
    const given = absolute(env[name])
    return given === undefined ? otherwise : posix.join(given, 'dchat')
  }
  const state = xdg('XDG_STATE_HOME', usual.state)
  return {
    config: xdg('XDG_CONFIG_HOME', usual.config),
    data: xdg('XDG_DATA_HOME', usual.data),
    state,
    cache: xdg('XDG_CACHE_HOME', usual.cache),
    runtime: runtimeOf(host, state),
  }
}
