import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DchatError, isDchatError } from '../../errors.ts'
import type { Files } from '../../ports/files.ts'

/** Files of 0600 in a folder of 0700. Throws `storage/full`, `storage/unavailable` or `storage/corrupt`. */
export const nodeFiles = (dir: string): Files => {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      throw failure(dir, cause)
    }
  }
  return {
    place: basename(resolve(dir)),
    read: (name, limit) => attempt(() => readBounded(dir, name, limit)),
    write: (name, bytes) => attempt(() => replace(dir, name, bytes)),
    remove: (name) => attempt(() => rm(join(dir, name), { force: true })),
  }
}

const readBounded = async (dir: string, name: string, limit: number): Promise<Uint8Array | undefined> => {
  const file = await open(join(dir, name), 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    const buffer = new Uint8Array(limit + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > limit) throw new DchatError('storage/corrupt', { store: dir, reason: `its ${name} is too long` })
    return buffer.slice(0, length)
  } finally {
    await file.close()
  }
}

/** The new content is on the disk before it takes the name, and the name before this resolves. */
const replace = async (dir: string, name: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  // One process owns the folder, so one name for the unfinished file is enough; a crash leaves at most one.
  const unfinished = join(dir, `${name}.new`)
  try {
    await rm(unfinished, { force: true })
    const file = await open(unfinished, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, join(dir, name))
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await syncFolder(dir)
}

/** Windows cannot open a folder for this and does not need it. */
const syncFolder = async (dir: string): Promise<void> => {
  if (process.platform === 'win32') return
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

const failure = (dir: string, cause: unknown): DchatError => {
  if (isDchatError(cause)) return cause
  const code = codeOf(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new DchatError('storage/full', { store: dir }, { cause })
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission was refused' : 'its files do not open'
  return new DchatError('storage/unavailable', { store: dir, reason }, { cause })
}
