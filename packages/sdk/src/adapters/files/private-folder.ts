import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DchatError } from '../../errors.ts'
import type { Files } from '../../ports/files.ts'

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

const failure = (store: string, cause: unknown): DchatError => {
  const code = codeOf(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new DchatError('storage/full', { store }, { cause })
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission was refused' : 'a file cannot be read or written'
  return new DchatError('storage/unavailable', { store, reason }, { cause })
}

/** Flushes the entries of a folder. */
const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The new content is on the disk before it takes the name, and the name before this resolves. */
const replace = async (dir: string, file: string, content: Uint8Array): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  // One process owns the folder, so one name for the unfinished file is enough; a crash leaves at most one.
  const part = join(dir, `${file}.part`)
  await rm(part, { force: true })
  try {
    const handle = await open(part, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, join(dir, file))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  // Windows knows no such call and does not need it.
  if (process.platform !== 'win32') await syncFolder(dir)
}

const readIfThere = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Files of 0600 in a folder of 0700 (made when needed). Throws `storage/full` and `storage/unavailable`. */
export const privateFolder = (dir: string): Files => {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw failure(dir, error)
    }
  }
  return {
    name: basename(resolve(dir)),
    read: (file) => attempt(() => readIfThere(join(dir, file))),
    write: (file, content) => attempt(() => replace(dir, file, content)),
    remove: (file) => attempt(() => rm(join(dir, file), { force: true })),
  }
}
