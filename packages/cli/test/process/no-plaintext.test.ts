import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Ended, Running } from '../support/cli.ts'
import { dchat, RELAY_BIN, start } from '../support/cli.ts'
import { contains, filesBelow, formsOf } from '../support/traces.ts'

const MARKS = {
  delivered: 'periwinkle-telescope-delivered',
  undelivered: 'marzipan-glacier-undelivered',
  queued: 'saxophone-lantern-queued',
  refused: 'gooseberry-anvil-refused',
  name: 'nightingale-contact-name',
  group: 'thunderclap-orchard-group',
  edited: 'wheelbarrow-sonata-edited',
  deleted: 'tamarind-lighthouse-deleted',
  reaction: 'turnip-observatory-reaction',
  // One word, as the index of the search has it.
  searched: 'rhubarbgondolasearched',
}
const PASSPHRASE = 'thistle-quarry-passphrase'

/** Said three times: a page or chunk boundary can cut only one of them. */
const said = (mark: string): string => `${mark} ${mark} ${mark}`

let root = ''
let relayFolder = ''
const secrets = new Map<string, string>(Object.entries(MARKS)).set('passphrase', PASSPHRASE)
const addresses = new Map<string, string>()
const talk: string[] = []
/** Path → bytes of alice, bob, carol and the relay: while everything runs, then after everything was killed. */
const seen: ReadonlyMap<string, Buffer>[] = []
const relayTalk: string[] = []

const home = (name: string): string => join(root, name)

const kept = ({ err }: Ended): void => void talk.push(err)

const run = async (name: string, ...argv: string[]): Promise<Ended> => {
  const pass = name === 'carol' ? ['--passphrase-file', join(root, 'secrets', 'pass')] : []
  const ended = await dchat(home(name), [...argv, ...pass, '-v'])
  kept(ended)
  return ended
}

const kill = async (process: Running): Promise<Ended> => {
  process.child.kill('SIGKILL')
  return process.ended
}

const look = async (): Promise<void> => {
  for (const name of ['alice', 'bob', 'carol']) seen.push(await filesBelow(home(name)))
  seen.push(await filesBelow(relayFolder))
}

/** A group with all that can be said in it and about it, beside two that listen. */
const groupLife = async (): Promise<void> => {
  const done = async (name: string, ...argv: string[]): Promise<Record<string, string>> => {
    const { code, out } = await run(name, ...argv, '--json')
    expect(code).toBe(0)
    return JSON.parse(out).data
  }
  const { chat = '' } = await done('alice', 'group', 'create', said(MARKS.group), MARKS.name)
  await done('bob', 'group', 'accept', chat)
  const { id = '' } = await done('alice', 'send', chat, said(MARKS.deleted))
  await done('alice', 'edit', id, said(MARKS.edited))
  await done('bob', 'react', id, MARKS.reaction)
  await done('alice', 'pin', id)
  const { id: gone = '' } = await done('bob', 'send', chat, said(MARKS.deleted))
  await done('alice', 'delete', gone)
  expect((await run('bob', 'group', 'rename', said(MARKS.group), said(MARKS.refused))).code).toBe(1)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dchat-traces-'))
  relayFolder = join(root, 'relay')
  await mkdir(join(root, 'secrets'))
  await writeFile(join(root, 'secrets', 'pass'), PASSPHRASE)
  const relay = start(root, ['--port', '0', '--data', relayFolder, '--log-level', 'debug'], { bin: RELAY_BIN })
  const { url } = JSON.parse((await relay.line()) ?? '{}')

  const links = new Map<string, string>()
  for (const name of ['alice', 'bob', 'carol']) {
    const phrase = join(root, 'secrets', name)
    const made = await run(name, 'init', '--relay', url, '--phrase-file', phrase)
    expect(made.code).toBe(0)
    addresses.set(name, made.out.trim())
    // Any four words in a row give it away.
    const words = (await readFile(phrase, 'utf8')).trim().split(/\s+/)
    for (let n = 0; n + 4 <= words.length; n += 1)
      secrets.set(`${name}'s phrase from word ${n + 1}`, words.slice(n, n + 4).join(' '))
    links.set(name, (await run(name, 'invite')).out.trim())
  }
  expect((await run('alice', 'contacts', 'add', links.get('bob') ?? '', '--as', MARKS.name)).code).toBe(0)
  await run('bob', 'contacts', 'add', links.get('alice') ?? '', '--as', 'alice')

  const alice = start(home('alice'), ['listen', '--json', '-v'])
  const bob = start(home('bob'), ['listen', '--json', '-v'])
  const sent = await run('alice', 'send', MARKS.name, said(MARKS.delivered), '--wait', 'delivered')
  expect(sent.code).toBe(0)
  expect(await bob.line()).toContain(said(MARKS.delivered))
  await groupLife()
  expect((await run('alice', 'send', links.get('carol') ?? '', said(MARKS.undelivered))).code).toBe(0)
  expect((await run('alice', 'send', 'nobody', said(MARKS.refused))).code).toBe(5)
  expect((await run('alice', 'send', MARKS.name, said(MARKS.searched), '--wait', 'delivered')).code).toBe(0)
  for (const name of ['alice', 'bob']) {
    const { out, code } = await run(name, 'search', MARKS.searched.slice(0, 9))
    expect({ code, found: out.includes(MARKS.searched) }).toEqual({ code: 0, found: true })
  }
  await look()

  const ended = await kill(relay)
  relayTalk.push(ended.out, ended.err)
  expect((await run('alice', 'send', MARKS.name, said(MARKS.queued), '--wait', 'queued')).code).toBe(0)
  expect((await run('alice', 'send', MARKS.name, said(MARKS.queued), '--timeout', '300ms')).code).toBe(3)
  kept(await kill(alice))
  kept(await kill(bob))
  await look()
})

afterAll(() => rm(root, { recursive: true, force: true }))

const leaks = (needles: ReadonlyMap<string, string>, bytes: Uint8Array): string[] =>
  [...needles].filter(([, text]) => contains(bytes, text)).map(([name]) => name)

describe('what was said stands nowhere in the clear', () => {
  test('the search finds a text in every form, wherever it begins', () => {
    for (const mark of Object.values(MARKS))
      for (const before of ['', 'a', 'ab', 'abc']) {
        const text = `${before}${mark}z`
        const wide = Buffer.from(text, 'utf16le')
        const planted = [
          Buffer.from(text),
          wide,
          Buffer.from(wide).swap16(),
          ...(['base64', 'base64url', 'hex'] as const).flatMap((form) => [
            Buffer.from(Buffer.from(text).toString(form)),
            Buffer.from(wide.toString(form)),
          ]),
        ]
        for (const bytes of planted) expect(contains(bytes, mark)).toBe(true)
        expect(contains(Buffer.from(`${before}${mark.slice(1)}`), mark)).toBe(false)
      }
    expect(formsOf(MARKS.name).every(({ length }) => length >= MARKS.name.length - 2)).toBe(true)
  })

  test('it looked at databases and their logs of people and relay, open and killed', () => {
    expect(seen).toHaveLength(8)
    for (const files of seen) {
      const databases = [...files.values()].filter((bytes) => bytes.includes('SQLite format 3'))
      expect(databases.length).toBeGreaterThan(0)
    }
    const logs = seen.map(
      (files) => [...files].filter(([path, { length }]) => path.endsWith('-wal') && length > 0).length,
    )
    // Carol's commands ended well and left none.
    expect(logs).toEqual([1, 1, 0, 1, 1, 1, 0, 1])
  })

  test('no file of a person or of the relay holds a message, a contact name, a phrase or a passphrase', () => {
    const found = seen.flatMap((files) =>
      [...files].flatMap(([path, bytes]) => leaks(secrets, bytes).map((what) => `${path}: ${what}`)),
    )
    expect(found).toEqual([])
  })

  test("no file of a person holds anyone's address", () => {
    const people = seen.filter((_, n) => n % 4 !== 3)
    const found = people.flatMap((files) =>
      [...files].flatMap(([path, bytes]) => leaks(addresses, bytes).map((what) => `${path}: ${what}`)),
    )
    expect(found).toEqual([])
  })

  test('nothing that is said on stderr, at -v, holds any of it', () => {
    expect(talk.join('').length).toBeGreaterThan(0)
    for (const text of talk)
      expect([...leaks(secrets, Buffer.from(text)), ...leaks(addresses, Buffer.from(text))]).toEqual([])
  })

  test("the relay's logs at the most talkative level hold none of it", () => {
    const logs = Buffer.from(relayTalk.join(''))
    expect(logs.toString()).toContain('"msg":"listening"')
    expect([...leaks(secrets, logs), ...leaks(addresses, logs)]).toEqual([])
  })
})
