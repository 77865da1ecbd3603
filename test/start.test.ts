import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { shellCommands } from './lib/shell.ts'
import { root } from './lib/tree.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dchat-start-'))
const data = join(scratch, 'data')
const env = { PATH: process.env.PATH, HOME: scratch, DCHAT_HOME: join(scratch, 'home') }
const running = new Set<ChildProcess>()

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  rmSync(scratch, { recursive: true, force: true })
})

/** The demonstration in a process of its own; `until` resolves when stdout has the text. */
const start = (...args: string[]) => {
  const child = spawn(process.execPath, ['scripts/start.mjs', '--data', data, '--port', '0', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let out = ''
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  child.stdout.setEncoding('utf8')
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return { code: code as number | null, out, err }
  })
  const until = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => out.includes(text) && resolve(out)
      child.stdout.on('data', look)
      void ended.then(() => reject(new Error(`It ended without "${text}": ${err}`)))
      look()
    })
  child.stdout.on('data', (chunk: string) => {
    out += chunk
  })
  return { child, ended, until }
}

/** The value of a row: label, then value. */
const row = (out: string, label: string): string => new RegExp(`^ {2}${label} +(.+)$`, 'm').exec(out)?.[1] ?? ''

const exchange = async () => {
  const { code, out, err } = await start('--once').ended
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

describe('npm start', () => {
  let guide = ''

  test('--once shows a message, what the relay saw of it, and its answer, then ends', async () => {
    const out = await exchange()
    guide = row(out, 'Guide')
    expect(row(out, 'Relay')).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
    expect(guide).toMatch(/^dchat1[a-z0-9]{40,}$/)
    expect(row(out, 'Visitor')).toMatch(/^dchat1[a-z0-9]{40,}$/)
    const [written, answered] = [...out.matchAll(/^ {2}Text +(.+)$/gm)].map((match) => match[1])
    expect(written).toMatch(/[0-9a-f]{16}$/)
    expect(answered).toContain(`"${written}"`)
    expect(row(out, 'Topic')).toMatch(/^[0-9a-f]{64}$/)
    expect(row(out, 'Sequence number')).toBe('2')
    expect(row(out, 'Kind')).toBe('application')
    expect(row(out, 'Epoch')).toMatch(/^\d+$/)
    expect(row(out, 'Size')).toMatch(/^(256|1024|4096) bytes/)
    expect(Date.parse(row(out, 'Accepted'))).toBeGreaterThan(Date.now() - 120_000)
    expect(row(out, 'First bytes')).toMatch(/^([0-9a-f]{2} ){24}…$/)
    expect(out).toContain('the encrypted body was found, the text was not found.')
    expect(row(out, 'Round trip')).toMatch(/^\d+\.\d ms/)
    expect(out).not.toContain('\u001b')
  })

  test('the guide has the same address the next time', async () => {
    expect(row(await exchange(), 'Guide')).toBe(guide)
  })

  test('stays up, and a second terminal joins with the commands that it prints', async () => {
    const demonstration = start()
    const out = await demonstration.until('Ctrl-C ends')
    const code = out.split('\n').filter((line) => /^ {2}(cd|node) /.test(line))
    const [cd, ...commands] = shellCommands({
      page: 'npm start',
      line: 1,
      language: 'sh',
      marks: [],
      code: code.join('\n'),
    })
    const cwd = cd?.words[1]
    expect(`${cwd}/`).toBe(root)
    const dchat = async (words: readonly string[]): Promise<string> => {
      const [program, ...args] = words
      expect(program).toBe('node')
      return (await promisify(execFile)(process.execPath, args, { cwd, env, timeout: 60_000 })).stdout
    }
    for (const { words } of commands) await dchat(words.includes('listen') ? [...words, '--limit', '1'] : words)
    const read = ['node', 'packages/cli/bin/dchat.js', 'read', '--profile', 'me', 'guide', '--json']
    const messages = (await dchat(read))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    expect(messages).toContainEqual(expect.objectContaining({ own: true, text: 'hello' }))
    expect(messages).toContainEqual(
      expect.objectContaining({ from: guide, name: 'guide', text: expect.stringContaining('"hello"') }),
    )
    expect(commands.map(({ words }) => words[2])).toEqual(['init', 'contacts', 'send', 'listen'])
    demonstration.child.kill('SIGTERM')
    expect((await demonstration.ended).code).toBe(143)
  })

  test('wrong use gets one sentence and exit code 2', async () => {
    const { code, out, err } = await start('--prot', '1').ended
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('--help')
  })
})
