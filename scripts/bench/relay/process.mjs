import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { PeerMissing } from '../runner.mjs'

const TICKS_PER_SECOND = 100
const MIB = 1024 * 1024

/** Figures of other processes come from Linux. */
export const needLinux = () => {
  if (!existsSync('/proc/self/stat')) throw new PeerMissing('the time and memory of a process are read on Linux only')
}

/** Milliseconds of processor time that a process has used. */
export const cpuOf = (pid) => {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number)
  return ((user + system) * 1000) / TICKS_PER_SECOND
}

/** MiB of memory that a process holds. */
export const memoryOf = (pid) => {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number)
  return (pages * 4096) / MIB
}

/** MiB when nothing has changed for a second: memory that is still given back is not counted. */
export const restingMemoryOf = async (pid) => {
  let before = memoryOf(pid)
  for (;;) {
    await sleep(1_000)
    const now = memoryOf(pid)
    if (Math.abs(now - before) < 0.2) return now
    before = now
  }
}

/**
 * A server in a process of its own, with what it said for the case that it ends too early.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string }} [options]
 */
export const start = (file, args, { env = {}, cwd } = {}) => {
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let over = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4_000)
    })
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      said += error.message
      over = true
      resolve()
    })
    child.on('close', (code) => {
      over = true
      resolve(code)
    })
  })
  const alive = () => {
    if (over) throw new Error(`${file} ended: ${said}`)
  }
  return {
    pid: child.pid,
    ended,
    said: () => said,
    /** Resolves with what `probe` finds, however long it takes; rejects if the process ends. */
    until: async (probe) => {
      for (;;) {
        alive()
        const found = await probe()
        if (found) return found
        await sleep(20)
      }
    },
    kill: (signal) => child.kill(signal),
    close: async () => {
      if (!over) child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(patience)
    },
  }
}

/** True if something listens on a port of this machine. */
export const listens = async (port) => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/**
 * A server that is up. `again` starts the next one with the same data, after this one has ended.
 * @param {{ run: () => ReturnType<typeof start>, ready: (server: ReturnType<typeof start>) => unknown, target: object, clean?: () => void }} options
 */
export const up = async ({ run, ready, target, clean }) => {
  const server = run()
  const close = async () => {
    await server.close()
    clean?.()
  }
  try {
    await server.until(() => ready(server))
  } catch (error) {
    await close()
    throw error
  }
  return { ...server, target, close, again: () => up({ run, ready, target }) }
}
