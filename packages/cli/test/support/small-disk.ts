import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly folder: string
  /** Leaves not one byte. */
  fill(): Promise<void>
  free(): Promise<void>
  remove(): Promise<void>
}

/** A disk of its own in memory, which takes the right to mount; otherwise the reason why there is none. */
export const smallDisk = async (kilobytes: number): Promise<SmallDisk | string> => {
  const folder = await mkdtemp(join(tmpdir(), 'dchat-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder])
  } catch {
    await rm(folder, { recursive: true })
    return 'no small disk can be mounted here (it takes root on Linux)'
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    fill: async () => {
      const { bavail, bsize } = await statfs(folder)
      await writeFile(filler, Buffer.alloc(bavail * bsize))
    },
    free: () => rm(filler, { force: true }),
    remove: async () => {
      await run('umount', [folder])
      await rm(folder, { recursive: true })
    },
  }
}
