import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import { PART } from '../ipc.ts'

/** How many files a page may have open for reading; those that it chose first are forgotten first. */
const MOST = 32

/** The system's dialogs; they give the path that the person chose. */
export interface FileDialogs {
  save(name: string): Promise<string | undefined>
  /** `extensions`: without a dot; empty for any. */
  open(extensions: readonly string[]): Promise<string | undefined>
}

interface Writing {
  readonly path: string
  readonly partial: string
  readonly file: FileHandle
}

const unknownFile = (): DchatError =>
  new DchatError('usage/invalid-argument', { name: 'file', reason: 'it is not open' })

const failed = (error: unknown): never => {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new DchatError('storage/full', { store: 'the disk' })
  const reason = 'the system does not let it be read or written'
  throw new DchatError('storage/unavailable', { store: 'the file', reason }, { cause: error })
}

/** `.json,image/*` → `json`; media types alone say nothing that a dialog understands. */
export const extensionsOf = (accept: string): readonly string[] =>
  accept.split(',').flatMap((each) => /^\s*\.([\w-]+)\s*$/.exec(each)?.[1] ?? [])

/** No separators and no control characters, whatever the page calls it. */
export const plainName = (name: string): string =>
  basename(name.replaceAll('\\', '/'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
    .replace(/[\u0000-\u001f<>:"|?*]/g, '_')
    .replace(/^\.+/, '') || 'file'

/**
 * Files that the person chose in a dialog; the page knows them by a name that was made up, never by their path.
 * What is saved stands under its name when it is complete, and not before.
 */
export const chosenFiles = (dialogs: FileDialogs) => {
  const writing = new Map<string, Writing>()
  const reading = new Map<string, string>()
  const take = (id: string): Writing => {
    const found = writing.get(id)
    if (found === undefined) throw unknownFile()
    return found
  }
  const abandon = async (id: string): Promise<void> => {
    const { file, partial } = take(id)
    writing.delete(id)
    await file.close().catch(() => {})
    await rm(partial, { force: true }).catch(() => {})
  }
  return {
    save: async (name: string): Promise<string | undefined> => {
      const path = await dialogs.save(plainName(name))
      if (path === undefined) return undefined
      const id = randomUUID()
      const partial = `${path}.${id.slice(0, 8)}.part`
      writing.set(id, { path, partial, file: await open(partial, 'wx', 0o600).catch(failed) })
      return id
    },
    write: async ({ id, bytes }: { id: string; bytes: Uint8Array }): Promise<void> => {
      await take(id).file.writeFile(bytes).catch(failed)
    },
    finish: async (id: string): Promise<void> => {
      const { file, partial, path } = take(id)
      try {
        await file.sync()
        await file.close()
        await rename(partial, path)
        writing.delete(id)
      } catch (error) {
        await abandon(id)
        failed(error)
      }
    },
    abandon,
    open: async (accept: string): Promise<{ id: string; name: string; size: number } | undefined> => {
      const path = await dialogs.open(extensionsOf(accept))
      if (path === undefined) return undefined
      const { size } = await stat(path).catch(failed)
      const id = randomUUID()
      reading.set(id, path)
      for (const oldest of [...reading.keys()].slice(0, -MOST)) reading.delete(oldest)
      return { id, name: basename(path), size }
    },
    /** Nothing is left behind the end. */
    read: async ({ id, from }: { id: string; from: number }): Promise<Uint8Array> => {
      const path = reading.get(id)
      if (path === undefined) throw unknownFile()
      const file = await open(path, 'r').catch(failed)
      try {
        const { bytesRead, buffer } = await file.read(new Uint8Array(PART), 0, PART, from).catch(failed)
        return buffer.slice(0, bytesRead)
      } finally {
        await file.close()
      }
    },
    /** The page is gone: nothing half written stays. */
    close: async (): Promise<void> => {
      reading.clear()
      await Promise.all([...writing.keys()].map(abandon))
    },
  }
}
