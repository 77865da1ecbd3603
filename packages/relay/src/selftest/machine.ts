import { open, readFile, rm, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { type Check, fail, note, ok, sizeText, warn } from './check.ts'

const GB = 1_000_000_000
/** Bytes that a relay needs before anybody connects, and for each link: measured, see docs/performance.md. */
const BASE_MEMORY = 150_000_000
const LINK_MEMORY = 40_000
/** Descriptors besides those of links. */
const OTHER_FILES = 64
const PROBES = 15

export interface MachineOptions {
  readonly directory: string
  /** Links that the relay may have. */
  readonly connections: number
}

/** What the machine gives a relay: disk, how fast it flushes, files, memory. */
export const checkMachine = async ({ directory, connections }: MachineOptions): Promise<Check[]> => {
  const [disk, flush, files] = await Promise.all([checkDisk(directory), checkFlush(directory), checkFiles(connections)])
  return [disk, flush, files, checkMemory(connections, Math.min(totalmem(), process.constrainedMemory() || totalmem()))]
}

const checkDisk = async (directory: string): Promise<Check> => {
  const { bavail, bsize } = await statfs(directory)
  return diskCheck(bavail * bsize)
}

/** `free` in bytes. */
export const diskCheck = (free: number): Check => {
  const text = `${sizeText(free)} are free on the disk of the data directory`
  if (free < GB / 10) return fail('disk', `${text}: it will be full soon. Make room, or shorten retentionDays.`)
  return free < GB ? warn('disk', `${text}: that is little. Make room, or set maxBytes.`) : ok('disk', `${text}.`)
}

/** The median of some flushes of one page, as a commit does. */
const checkFlush = async (directory: string): Promise<Check> => {
  const file = join(directory, `.flush-${process.pid}`)
  const times: number[] = []
  const handle = await open(file, 'wx', 0o600)
  try {
    const page = Buffer.alloc(4096, 1)
    for (let probe = 0; probe < PROBES; probe++) {
      const began = performance.now()
      await handle.write(page, 0, page.length, probe * page.length)
      await handle.sync()
      times.push(performance.now() - began)
    }
  } finally {
    await handle.close()
    await rm(file, { force: true })
  }
  return flushCheck(times.sort((a, b) => a - b)[Math.floor(PROBES / 2)] ?? 0)
}

/** `ms` that one flush takes. */
export const flushCheck = (ms: number): Check => {
  const text = `One flush to the disk takes ${ms.toFixed(1)} ms`
  return ms > 20
    ? warn('flush', `${text}, and every message waits for one: move the data directory to a faster, local disk.`)
    : ok('flush', `${text}.`)
}

const checkFiles = async (connections: number): Promise<Check> => {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => undefined)
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? '')?.[1]
  if (soft === undefined) return note('files', 'How many files this process may open cannot be told on this system.')
  return filesCheck(soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft), connections)
}

export const filesCheck = (allowed: number, connections: number): Check => {
  const text = `This process may open ${Number.isFinite(allowed) ? allowed : 'any number of'} files`
  return allowed < connections + OTHER_FILES
    ? warn(
        'files',
        `${text}, too few for ${connections} links: raise LimitNOFILE (ulimit -n), or lower limits.connections.`,
      )
    : ok('files', `${text}.`)
}

/** `bytes` that the machine, or the container, has. */
export const checkMemory = (connections: number, bytes: number): Check => {
  const needed = BASE_MEMORY + connections * LINK_MEMORY
  const text = `${sizeText(bytes)} of memory are there`
  return bytes < needed
    ? warn('memory', `${text}, and ${connections} links need about ${sizeText(needed)}: lower limits.connections.`)
    : ok('memory', `${text}; ${connections} links need about ${sizeText(needed)}.`)
}
