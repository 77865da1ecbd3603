import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'

/** A file that is there whole or not at all. */
export interface WholeFile {
  write(part: Uint8Array): Promise<void>
  /** What was written, read back from the disk. */
  readBack(): AsyncIterable<Uint8Array>
  /** From now on it is there, under its name. */
  keep(): Promise<void>
  /** Nothing is left of it. No error after `keep`. */
  drop(): Promise<void>
}

const refuse = (name: string, reason: string, hint?: string): DchatError =>
  new DchatError('usage/invalid-argument', { name, reason }, hint === undefined ? {} : { hint })

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** What a killed process had begun to write. */
const removeLeftovers = async (path: string): Promise<void> => {
  const begin = `.${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    const pid = name.startsWith(begin) ? /^([0-9]{1,10})\.part$/.exec(name.slice(begin.length))?.[1] : undefined
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(path), name), { force: true })
  }
}

/** On the disk with its folder; Windows has no such call for folders. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Begins a file that only this user may read, under a temporary name beside its own. Throws `usage/invalid-argument` where
 * there is something already, unless that is to be replaced.
 */
export const createWholeFile = async (path: string, overwrite: boolean): Promise<WholeFile> => {
  if (!overwrite && (await isThere(path)))
    throw refuse('file', `${path} exists and is not overwritten`, 'Choose another name, or give --overwrite.')
  if (!(await isThere(dirname(path)))) throw refuse('file', `there is no folder ${dirname(path)}`)
  await removeLeftovers(path)
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
  let handle: FileHandle | undefined = await open(partial, 'wx', 0o600)
  const finish = async (): Promise<void> => {
    await handle?.sync()
    await handle?.close()
    handle = undefined
  }
  return {
    write: async (part) => {
      await handle?.writeFile(part)
    },
    async *readBack() {
      await finish()
      yield* createReadStream(partial) as AsyncIterable<Uint8Array>
    },
    keep: async () => {
      await finish()
      await rename(partial, path)
      await syncFolder(dirname(path))
    },
    drop: async () => {
      await handle?.close()
      handle = undefined
      await rm(partial, { force: true })
    },
  }
}
