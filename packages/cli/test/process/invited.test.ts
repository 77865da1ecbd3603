import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dchat, RELAY_BIN, type Running, start } from '../support/cli.ts'

let root = ''
let relay: Running
let url = ''
const data = () => join(root, 'relay-data')

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dchat-invited-'))
  const argv = ['--port', '0', '--data', data(), '--policy', 'invitation', '--log-level', 'silent']
  relay = start(root, argv, { bin: RELAY_BIN })
  url = JSON.parse((await relay.line()) ?? '{}').url
})
afterAll(async () => {
  relay.child.kill('SIGTERM')
  await relay.ended
  await rm(root, { recursive: true, force: true })
})

/** Runs `work` with an open relay beside it. */
const beside = async (name: string, work: (url: string) => Promise<void>): Promise<void> => {
  const argv = ['--port', '0', '--data', join(root, `${name}-data`), '--log-level', 'silent']
  const other = start(root, argv, { bin: RELAY_BIN })
  try {
    await work(JSON.parse((await other.line()) ?? '{}').url)
  } finally {
    other.child.kill('SIGTERM')
    await other.ended
  }
}

/** The operator makes an invitation beside the running relay. */
const invitation = async (...more: string[]): Promise<string> => {
  const argv = ['invite', 'create', '--data', data(), '--public-url', url, ...more]
  const { code, out, err } = await dchat(root, argv, { bin: RELAY_BIN })
  expect(code, err).toBe(0)
  return JSON.parse(out).link
}

test('people come to a relay by invitation, from a file or on stdin, and talk there', async () => {
  const file = join(root, 'invitation.txt')
  await writeFile(file, await invitation('--uses', '2'))
  const alice = await dchat(join(root, 'alice'), ['init', '--invitation', file, '--json'])
  expect(alice).toMatchObject({ code: 0 })
  expect(JSON.parse(alice.out).data).toMatchObject({ relays: [url], published: true })
  const bob = await dchat(join(root, 'bob'), ['init', '--invitation', '-', '--json'], {
    input: await readFile(file, 'utf8'),
  })
  expect(bob.code, bob.err).toBe(0)
  const { address } = JSON.parse(bob.out).data
  expect((await dchat(join(root, 'alice'), ['contacts', 'add', address, '--as', 'bob'])).code).toBe(0)
  expect(await dchat(join(root, 'alice'), ['send', 'bob', 'among the invited'])).toMatchObject({ code: 0 })
})

test('without an invitation, or with one that is used up, it is said what to do, and "relay join" mends it', async () => {
  const home = join(root, 'carol')
  const bare = await dchat(home, ['init', '--relay', url])
  expect(bare.code).toBe(1)
  expect(bare.err).toMatch(/by invitation: none was shown\..*dchat relay join/s)
  const [once, other] = [await invitation(), await invitation()]
  expect((await dchat(join(root, 'dave'), ['init', '--invitation', '-'], { input: once })).code).toBe(0)
  const used = await dchat(home, ['relay', 'join', '--invitation', '-'], { input: once })
  expect(used).toMatchObject({ code: 1, err: expect.stringContaining('this one is used up') })
  const joined = await dchat(home, ['relay', 'join', '--invitation', '-', '--json'], { input: other })
  expect(joined.code, joined.err).toBe(0)
  expect(JSON.parse(joined.out).data).toEqual({ relay: url })
  expect((await dchat(home, ['relay', 'join'])).code).toBe(2)
  const secret = other.split('#')[1] as string
  for (const { out, err } of [bare, used, joined]) expect(out + err).not.toContain(secret)
  const doctor = await dchat(home, ['relay', 'doctor', url])
  // One line, and nothing beside it.
  expect(doctor).toMatchObject({ code: 1, out: expect.stringMatching(/^.* by invitation.*\n$/), err: '' })
})

test('somebody who is at home elsewhere makes a relay by invitation a second home in one step', () =>
  beside('open', async (open) => {
    const home = join(root, 'erin')
    expect((await dchat(home, ['init', '--relay', open])).code).toBe(0)
    const refused = await dchat(home, ['relay', 'add', url])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('by invitation') })
    const argv = ['relay', 'add', url, '--invitation', '-', '--json']
    const added = await dchat(home, argv, { input: await invitation() })
    expect(added.code, added.err).toBe(0)
    expect(JSON.parse(added.out).data).toEqual({ relays: [open, url] })
  }))

test('beside a relay that asks for an invitation another one serves; "relay list" says which one asks', () =>
  beside('beside', async (open) => {
    const home = join(root, 'fay')
    const init = await dchat(home, ['init', '--relay', url, '--relay', open, '--json'])
    expect(init.code, init.err).toBe(0)
    expect(JSON.parse(init.out).data).toMatchObject({ published: true })
    expect(init.err).toContain(`${url} takes people by invitation`)
    const asks = async () => {
      const { code, out, err } = await dchat(home, ['relay', 'list', '--json'])
      expect(code, err).toBe(0)
      const lines = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      return lines.filter(({ type, uninvited }) => type === 'relay' && uninvited).map(({ relay }) => relay)
    }
    expect(await asks()).toEqual([url])
    const shown = await dchat(home, ['relay', 'list'])
    expect(shown.out.split('\n').filter((line) => line.includes('asks for an invitation'))).toHaveLength(1)
    const gus = join(root, 'gus')
    expect((await dchat(gus, ['init', '--relay', open])).code).toBe(0)
    const { out } = await dchat(home, ['invite', '--json'])
    expect((await dchat(gus, ['contacts', 'add', JSON.parse(out).data.link, '--as', 'fay'])).code).toBe(0)
    expect(await dchat(gus, ['send', 'fay', 'all the same'])).toMatchObject({ code: 0 })
    const joined = await dchat(home, ['relay', 'join', '--invitation', '-'], { input: await invitation() })
    expect(joined.code, joined.err).toBe(0)
    expect(await asks()).toEqual([])
  }))
