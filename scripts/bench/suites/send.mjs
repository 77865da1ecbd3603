import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../lib/run.mjs'
import { start } from '../relay/process.mjs'
import { startRelay } from '../relay/server.mjs'

const PROGRAM = join(root, 'packages/cli/bin/dchat.js')

const name = {
  node: 'node -e 0',
  owner: 'dchat send, through a running owner, until its receipt',
  queued: 'dchat send, through a running owner, until it is stored',
  alone: 'dchat send, alone, until its receipt',
}

/** Runs to the end; resolves to what was printed, rejects if it failed. */
const program = (args, env) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (out += text))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')} ended with ${code}: ${out}`)),
    )
  })

const opened = []

/** Two people who write to a third one: the store of Ann has an owner that runs, that of Cat has none. */
const people = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-send-'))
  opened.push(async () => rmSync(folder, { recursive: true, force: true }))
  const relay = await startRelay()
  opened.push(relay.close)
  const url = `ws://127.0.0.1:${relay.target.port}`
  const envOf = (person) => ({ PATH: process.env.PATH, DCHAT_HOME: join(folder, person) })
  const dchat = (person, ...args) => program([PROGRAM, '--no-input', ...args], envOf(person))
  const inviteOf = async (person) => {
    await dchat(person, 'init', '--relay', url)
    return /dchat:\S+/.exec(await dchat(person, 'invite', '--plain'))[0]
  }
  const [ann, ben] = [await inviteOf('ann'), await inviteOf('ben')]
  await inviteOf('cat')
  await dchat('ann', 'send', ben, 'hello')
  await dchat('cat', 'send', ben, 'hello')
  const owner = start(process.execPath, [PROGRAM, '--no-input', '--json', 'listen'], { env: envOf('ann') })
  opened.push(owner.close)
  await dchat('cat', 'send', ann, 'hello')
  // What it prints of that message says that it is there.
  await owner.until(() => owner.said().includes('"type"'))
  return {
    node: () => program(['-e', '0'], envOf('ann')),
    send: (person, ...more) => dchat(person, 'send', ben, 'a line', ...more),
  }
}

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'send',
  title: 'dchat send, the whole process',
  unit: 'ms',
  rounds: 5,
  setup: async (size) => {
    const { node, send } = await people()
    const each = size === 'quick' ? { runs: 1, warmup: 1 } : { runs: 15, warmup: 1 }
    return [
      { name: name.node, ...each, run: node },
      { name: name.owner, ...each, run: () => send('ann') },
      { name: name.queued, ...each, run: () => send('ann', '--wait', 'queued') },
      { name: name.alone, ...each, run: () => send('cat') },
    ]
  },
  parts: [
    {
      name: 'people',
      open: async () => [],
      close: async () => {
        for (const close of opened.splice(0).reverse()) await close()
      },
    },
  ],
  aims: [
    { of: name.owner, over: name.node, atMost: 3 },
    { of: name.alone, over: name.node },
  ],
}
