import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { createRelay } from '../../packages/relay/src/index.ts'
import { fencesOf } from '../lib/fences.ts'
import { shellCommands } from '../lib/shell.ts'

const run = promisify(execFile)
const RELAY = 'wss://relay.example'

let relay: Awaited<ReturnType<typeof createRelay>>
let root: string
beforeAll(async () => {
  relay = await createRelay()
  root = mkdtempSync(join(tmpdir(), 'dchat-from-nothing-'))
})
afterAll(async () => {
  await relay.close()
  rmSync(root, { recursive: true, force: true })
})

const running = new Map<ChildProcess, Promise<number | null>>()
afterEach(async () => {
  for (const child of running.keys()) child.kill('SIGKILL')
  await Promise.all(running.values())
  running.clear()
})

const programOf = (): string => {
  const packed = inject('packed').find(({ name }) => name === '@dchat/cli')
  if (packed === undefined) throw new Error('the command line is not packed')
  return join(packed.folder, packed.manifest.bin?.dchat ?? '')
}
const envOf = (who: string) => ({ PATH: process.env.PATH, DCHAT_HOME: join(root, who) })

/** The packed command line, as somebody. */
const dchat = (who: string, argv: readonly string[], cwd = root) =>
  run(process.execPath, [programOf(), ...argv], { cwd, env: envOf(who) })

/** One that goes on: its lines of JSON. */
const start = (who: string, argv: readonly string[], cwd = root) => {
  const child = spawn(process.execPath, [programOf(), ...argv, '--json'], {
    ...{ cwd, env: envOf(who) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  running.set(child, ended)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  /** The next one that is looked for. */
  const line = async (isIt: (found: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`dchat ${argv.join(' ')} ended`)
      const found = JSON.parse(value)
      if (isIt(found)) return found
    }
  }
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM')
    return ended
  }
  return { line, stop }
}

const withoutName = (code: string): string => code.replace(/name: '[^']*'/, '')

test('two commands and eight lines: a bot that answers; with nothing but its secret it is itself again', async () => {
  // As the page says it, but for the relay.
  const [init = [], runIt = []] = fencesOf('docs/bots.md')
    .flatMap(shellCommands)
    .filter(({ words }) => words[0] === 'dchat')
    .map(({ words }) => words.slice(1).map((word) => (word === RELAY ? relay.url : word)))
  expect([init.slice(0, 2), runIt]).toEqual([
    ['bot', 'init'],
    ['bot', 'run'],
  ])
  const folder = mkdtempSync(join(root, 'echo-'))
  const begin = async () => {
    await dchat('author', init, folder)
    const bot = start('author', runIt, folder)
    return { ...bot, invite: String((await bot.line(({ type }) => type === 'ready')).invite) }
  }
  const bot = await begin()
  const code = readFileSync(join(folder, 'bot.js'), 'utf8').trimEnd()
  expect(code.split('\n').length).toBeLessThanOrEqual(8)
  const shown = fencesOf('docs/bots.md').map((fence) => withoutName(fence.code.replace(RELAY, relay.url)))
  expect(shown).toContain(withoutName(code))

  await dchat('alice', ['init', '--relay', relay.url])
  const alice = start('alice', ['listen', '--type', 'message'])
  const isAnswer = ({ type, own }: Record<string, unknown>): boolean => type === 'message' && own === false
  await dchat('alice', ['send', bot.invite, 'hello'])
  const before = await alice.line(isAnswer)
  expect(before.text).toBe('hello')
  expect(await bot.stop()).toBe(143)

  // Everything is lost but the secret.
  for (const name of readdirSync(folder))
    if (name !== 'bot.secret') rmSync(join(folder, name), { recursive: true, force: true })
  const again = await begin()
  expect(again.invite).toBe(bot.invite)
  // Its new device reads what is said once the other side has let it in.
  let isBack = false
  const answered = alice.line(isAnswer).then((found) => {
    isBack = true
    return found
  })
  while (!isBack) await dchat('alice', ['send', bot.invite, 'are you back?'])
  expect(await answered).toMatchObject({ text: 'are you back?', chat: before.chat, from: before.from })
  expect(await again.stop()).toBe(143)
}, 240_000)
