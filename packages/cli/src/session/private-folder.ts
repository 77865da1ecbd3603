import { chmod, lstat, mkdir } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/errors'

const OTHERS_MAY_WRITE = 0o022

/** Throws `storage/unavailable` for a folder in which somebody else could have put the socket. */
export const assertOwnFolder = async (path: string, uid: number | undefined): Promise<void> => {
  if (uid === undefined) return
  const found = await lstat(path)
  if (found.isDirectory() && found.uid === uid && (found.mode & OTHERS_MAY_WRITE) === 0) return
  throw new DchatError(
    'storage/unavailable',
    { store: path, reason: 'the folder of the local socket belongs to, or can be changed by, somebody else' },
    { hint: 'Remove the folder, or use --no-daemon.' },
  )
}

/** Creates the folder if need be, for this user alone. */
export const openOwnFolder = async (path: string, uid: number | undefined): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (uid !== undefined && (await lstat(path)).uid === uid) await chmod(path, 0o700)
  await assertOwnFolder(path, uid)
}
