import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import type { Profile } from '../config/profile.ts'

export interface SocketHost {
  readonly platform: string
  readonly temporary: string
  readonly uid: number | undefined
}

/** The kernel takes 107 bytes on Linux and 103 on macOS; a longer path would be cut off without a word. */
export const SOCKET_PATH_LIMIT = 100

const fits = (path: string): boolean => Buffer.byteLength(path) <= SOCKET_PATH_LIMIT

/**
 * Where a profile's owner may be found, most likely place first. The second name is made from the store's folder: it
 * is used when the path would be too long, and when another store has taken the plain name.
 */
export const socketPaths = (profile: Profile, host: SocketHost): readonly string[] => {
  const hash = createHash('sha256').update(`${profile.runtime}\0${profile.directory}`).digest('hex').slice(0, 24)
  if (host.platform === 'win32') return [`\\\\.\\pipe\\dchat-${hash}`]
  const plain = join(profile.runtime, `${profile.name}.sock`)
  const hashed = join(profile.runtime, `${hash}.sock`)
  const far = posix.join(host.temporary, `dchat-${host.uid ?? 0}`, `${hash}.sock`)
  const near = posix.join('/tmp', `dchat-${host.uid ?? 0}`, `${hash}.sock`)
  const second = [hashed, far].find(fits) ?? near
  return fits(plain) ? [plain, second] : [second]
}
