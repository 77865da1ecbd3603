import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { DATABASE_FILE } from './sqlite-open.ts'
import type { StoreUsage } from './store.ts'

const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}

/** What the database of a directory takes, and what its disk has left. */
export const diskUsage = async (directory: string): Promise<StoreUsage> => {
  const file = join(directory, DATABASE_FILE)
  const [bytes, wal, disk] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`), statfs(directory)])
  return { bytes, wal, free: disk.bavail * disk.bsize }
}
