import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../lib/run.mjs'

/** A conversation that was just opened has few entries. */
const PAGE = { limit: 100, bytes: 1_000_000 }

/**
 * The entry of a message as the relay's store has it: the first one of a topic opened meanwhile that was accepted
 * at the time of the message's receipt.
 */
export const entryOf = async ({ store, opened }, { at }) => {
  for (const topic of opened) {
    const entries = await store.entries(topic, 0, Number.MAX_SAFE_INTEGER, PAGE)
    const found = entries.find(({ receipt }) => receipt.kind === 'application' && receipt.time === at)
    if (found !== undefined) return found
  }
  throw new Error('The relay has no entry for the message that it gave a receipt for.')
}

const databases = async (folder) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.db(-wal|-shm|-journal)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))

/**
 * Looks for byte strings in every database file of a folder, logs included. Another process reads the files: where this
 * one closed them, the system would take the databases' own locks away from it.
 * @param {string} folder
 * @param {readonly Uint8Array[]} needles
 * @returns {Promise<{ files: string[], bytes: number, found: boolean[] }>} `found`: one for each needle
 */
export const searchDatabases = async (folder, needles) => {
  const files = await databases(folder)
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  const search = fileURLToPath(new URL('./search.mjs', import.meta.url))
  const wanted = needles.map((needle) => Buffer.from(needle).toString('hex')).join(',')
  const { code, output } = await run([process.execPath, search, wanted, ...files])
  if (code !== 0) throw new Error(output)
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0), found: JSON.parse(output) }
}
