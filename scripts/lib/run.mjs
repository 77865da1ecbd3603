import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The workspace's root folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** How long what a program left behind may hold its output after it ended, in ms. */
const LINGER_MS = 5_000

/** A program and all that it started: browsers and servers live in groups of their own. */
const endTree = (child) => {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'])
    return
  }
  const lines = spawnSync('ps', ['-A', '-o', 'pid=,ppid=']).stdout?.toString().trim().split('\n') ?? []
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const tree = [child.pid]
  for (const parent of tree) tree.push(...pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid))
  for (const pid of tree) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

/**
 * Runs a program in the workspace and collects what it prints.
 * `npx` puts its pnpm on PATH before the scripts start, so `pnpm` needs no path here.
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: Record<string, string>, until?: AbortSignal }} [options] when `until` aborts, the
 * program and all that it started are killed
 * @returns {Promise<{ code: number, output: string }>} `output` holds stdout and stderr in the order of arrival
 */
export const run = ([program, ...args], { cwd = root, env = {}, until } = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    const kill = () => endTree(child)
    until?.addEventListener('abort', kill, { once: true })
    const end = (code) => {
      until?.removeEventListener('abort', kill)
      resolve({ code, output: Buffer.concat(chunks).toString() })
    }
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      end(127)
    })
    child.on('close', (code) => end(code ?? 1))
    child.on('exit', (code) => setTimeout(end, LINGER_MS, code ?? 1).unref())
  })
