import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonLines, type Running, start } from '../support/cli.ts'
import { network } from '../support/network.ts'

interface Served {
  readonly relay: Running
  readonly url: string
}

const serve = async (home: string): Promise<Served> => {
  const relay = start(home, ['relay', 'serve', '--port', '0', '--json'])
  return { relay, url: JSON.parse((await relay.line()) ?? '{}').url }
}

let root: string
let hub: Served
let next: Served
const net = network({
  commands: 'within',
  serve: async () => {
    root = await mkdtemp(join(tmpdir(), 'dchat-hubs-'))
    hub = await serve(join(root, 'hub'))
    next = await serve(join(root, 'next'))
    return {
      url: hub.url,
      close: async () => {
        hub.relay.child.kill('SIGKILL')
        next.relay.child.kill('SIGTERM')
        await Promise.all([hub.relay.ended, next.relay.ended])
        await rm(root, { recursive: true, force: true })
      },
    }
  },
})

const NAMES = ['ann', 'ben', 'cid']
const CHAT = 'Trip'
const WAIT = { timeout: 100_000, interval: 500 }

interface Line {
  readonly id: string
  readonly text: string
}

/** What a person's device holds of the conversation, in its order. */
const historyOf = async (name: string, chat = CHAT): Promise<readonly Line[]> => {
  const { code, out, err } = await net.run(name, 'read', chat, '--limit', '100', '--json')
  if (code !== 0) throw new Error(err)
  return jsonLines(out).flatMap(({ type, format, id, text }) =>
    type === 'message' && format !== 'notice' ? [{ id, text } as Line] : [],
  )
}

/** All hold these words, the same messages in one order. */
const agree = async (names: readonly string[], texts: readonly string[], chat?: (name: string) => string) => {
  const all = () => Promise.all(names.map((name) => historyOf(name, chat?.(name))))
  await expect
    .poll(async () => (await all()).map((lines) => lines.map(({ text }) => text).toSorted()), WAIT)
    .toEqual(names.map(() => texts.toSorted()))
  await expect.poll(async () => new Set((await all()).map((lines) => JSON.stringify(lines))).size, WAIT).toBe(1)
  return (await all())[0] as readonly Line[]
}

const send = async (name: string, text: string, chat = CHAT, ...options: string[]): Promise<string> => {
  const { code, out, err } = await net.run(name, 'send', chat, text, '--json', ...options)
  if (code !== 0) throw new Error(err)
  return JSON.parse(out).data.id
}

test('the relay process of a conversation is killed for good: its members go on at the next one, whole', async () => {
  for (const name of NAMES) await net.init(name, '--relay', next.url)
  await net.introduce(...NAMES)
  const made = await net.run('ann', 'group', 'create', CHAT, 'ben', 'cid')
  expect(made).toMatchObject({ code: 0, err: '' })
  for (const name of ['ben', 'cid'])
    await expect.poll(async () => (await net.run(name, 'group', 'accept', CHAT)).code, WAIT).toBe(0)

  const ids = [await send('ann', 'before'), await send('ben', 'before, too')]
  await agree(NAMES, ['before', 'before, too'])
  const shown = JSON.parse((await net.run('cid', 'group', 'hubs', CHAT, '--json')).out).data
  expect(shown).toMatchObject({ hub: hub.url, hubs: [hub.url, next.url] })

  const listening = ['ann', 'ben'].map((name) => net.start(name, 'listen', '--json'))
  hub.relay.child.kill('SIGKILL')
  await hub.relay.ended
  // Two who are there go on by themselves.
  ids.push(await send('ben', 'into the dark', CHAT, '--wait', 'sent', '--timeout', '100'))
  ids.push(await send('ann', 'there as well', CHAT, '--wait', 'sent', '--timeout', '100'))
  for (const { child } of listening) child.kill('SIGTERM')
  await Promise.all(listening.map(({ ended }) => ended))

  // The third one was away, and comes when nobody listens.
  const texts = ['before', 'before, too', 'into the dark', 'there as well']
  expect((await agree(NAMES, texts)).map(({ id }) => id)).toEqual(ids)
  ids.push(await send('cid', 'while nobody listens', CHAT, '--wait', 'sent', '--timeout', '100'))
  const history = await agree(NAMES, [...texts, 'while nobody listens'])
  expect(history.map(({ id }) => id)).toEqual(ids)
  for (const name of NAMES) {
    const { out } = await net.run(name, 'group', 'hubs', CHAT, '--json')
    expect(JSON.parse(out).data.hub, name).toBe(next.url)
  }
}, 600_000)
