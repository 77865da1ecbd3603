// A restricted bot, looked at from outside: its process, its files, and all that it ever decrypted.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createReadStream, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { afterAll, expect, test } from 'vitest'
import { type Address, type Client, type ConversationId, mention } from '../../../src/index.ts'
import { buildChild } from '../../storage/child.ts'
import { company } from '../support.ts'

const LIMIT = 180_000
const SENT = { wait: 'sent', timeout: LIMIT } as const
const folder = mkdtempSync(join(tmpdir(), 'dchat-scoped-bot-'))
let child: ChildProcessByStdio<Writable, Readable, null> | undefined
afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
const world = company()

const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())

/** How the word may stand in a file: as text, or in UTF-16 as a heap may keep it. */
const formsOf = (word: string): readonly Buffer[] => [Buffer.from(word, 'utf8'), Buffer.from(word, 'utf16le')]

/** Whether a file has the word, read piece by piece: a picture of a heap is large. */
const has = async (path: string, word: string): Promise<boolean> => {
  const forms = formsOf(word)
  const longest = Math.max(...forms.map(({ length }) => length))
  let rest = Buffer.alloc(0)
  for await (const piece of createReadStream(path)) {
    const bytes = Buffer.concat([rest, piece as Buffer])
    if (forms.some((form) => bytes.includes(form))) return true
    rest = bytes.subarray(-longest)
  }
  return false
}

const started = async (relay: string) => {
  const script = await buildChild('scoped-bot-child', import.meta.dirname)
  const args = [script, folder, relay]
  const running = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child = running
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the bot ended')
    return value
  }
  const ask = (line: string): Promise<string> => {
    running.stdin.write(`${line}\n`)
    return next()
  }
  return { address: (await next()) as Address, ask }
}

const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + LIMIT
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Words of two kinds, each of which stands nowhere else: what the bot may read, and what it may not. */
const speak = async (ann: Client, bob: Client, id: ConversationId, bot: Address): Promise<void> => {
  const told = await ann.messages.send(id, 'outside-canary-one', SENT)
  await ann.messages.send(id, '/note inside-canary-one', SENT)
  const markdown = `${mention(bot, 'Notes')} inside-canary-two`
  await bob.messages.send(id, { type: 'markdown', markdown }, { ...SENT, replyTo: told.id })
  await bob.messages.send(id, 'outside-canary-two', SENT)
  const asked = await ann.messages.send(id, '/note inside-canary-three', SENT)
  await ann.messages.edit(asked.id, 'outside-canary-three', SENT)
  await bob.messages.edit((await bob.messages.send(id, 'outside-canary-four', SENT)).id, 'outside-canary-five', SENT)
  await bob.messages.react(told.id, '👍', SENT)
  await ann.groups.rename(id, 'Renamed', { timeout: LIMIT })
  await ann.messages.send(id, '/note inside-canary-last', SENT)
}

const INSIDE = ['inside-canary-one', 'inside-canary-two', 'inside-canary-last']
const OUTSIDE = 'outside-canary'

test('memory, store and traffic of a restricted bot never have a message out of its scope', {
  timeout: 3 * LIMIT,
}, async () => {
  const ann = (await world.join()).client
  const bob = (await world.join()).client
  const { address, ask } = await started(world.relay.url)
  const { id } = await ann.groups.create({ name: 'Notes', people: [bob.address] })
  await eventually(async () => (await bob.groups.invitations()).length > 0)
  await bob.groups.accept(id)
  await ann.bots.install(id, address, { timeout: LIMIT })
  await eventually(async () => (await bob.bots.list(id)).length === 1)
  await speak(ann, bob, id, address)
  await eventually(async () => (await ask('read')).includes('inside-canary-last'))
  const snapshot = await ask('look')
  const decrypted = join(folder, 'decrypted')
  // The control: what is in its scope is found in each place that is searched.
  for (const word of INSIDE) {
    expect(await has(join(folder, 'read'), word)).toBe(true)
    expect(await has(decrypted, word)).toBe(true)
    expect(await has(snapshot, word)).toBe(true)
  }
  const files = filesIn(folder)
  expect(files.some((path) => path.endsWith('dchat.db'))).toBe(true)
  for (const path of files) expect([path, await has(path, OUTSIDE)]).toEqual([path, false])
})
