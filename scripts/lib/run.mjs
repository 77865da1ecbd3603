import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The workspace's root folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Runs a program in the workspace and collects what it prints.
 * `npx` puts its pnpm on PATH before the scripts start, so `pnpm` needs no path here.
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<{ code: number, output: string }>} `output` holds stdout and stderr in the order of arrival
 */
export const run = ([program, ...args], { cwd = root, env = {} } = {}) =>
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
    const end = (code) => resolve({ code, output: Buffer.concat(chunks).toString() })
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      end(127)
    })
    child.on('close', (code) => end(code ?? 1))
  })
