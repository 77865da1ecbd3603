import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { jsonLines, type Running, start } from '../support/cli.ts'
import { network } from '../support/network.ts'

/** A second relay beside the network's own, which lives on. */
const net = network({ commands: 'within' })
const others = new Set<Running>()
let count = 0

const relay = async (): Promise<{ readonly url: string; kill(): Promise<void> }> => {
  count += 1
  const running = start(join(net.root, `relay-${count}`), ['relay', 'serve', '--port', '0', '--json'])
  others.add(running)
  const { url } = JSON.parse((await running.line()) ?? '{}')
  const kill = async () => {
    others.delete(running)
    running.child.kill('SIGKILL')
    await running.ended
  }
  return { url, kill }
}

afterEach(async () => {
  for (const { child, ended } of others) {
    child.kill('SIGKILL')
    await ended
  }
  others.clear()
})

const homesOf = async (name: string): Promise<unknown[]> =>
  jsonLines((await net.run(name, 'relay', 'list', '--offline', '--json')).out)
    .filter(({ home }) => home)
    .map(({ relay: url }) => url)

const textsOf = (out: string): unknown[] =>
  jsonLines(out)
    .filter(({ type }) => type === 'message')
    .map(({ text }) => text)

const ok = async (name: string, ...argv: string[]): Promise<string> => {
  const { code, out, err } = await net.run(name, ...argv)
  expect({ code, err }, `${name} ${argv.join(' ')}`).toMatchObject({ code: 0 })
  return out
}

test('one of two home relays is killed for good before two people first meet: they find each other and talk', async () => {
  const mortal = await relay()
  const links = new Map<string, string>()
  for (const name of ['ann', 'ben']) {
    // The one that will die is the first one.
    await ok(name, 'init', '--relay', mortal.url)
    expect(JSON.parse(await ok(name, 'relay', 'add', net.relay, '--json')).data.relays).toEqual([mortal.url, net.relay])
    links.set(name, JSON.parse(await ok(name, 'invite', '--json')).data.link)
  }
  await mortal.kill()
  await ok('ann', 'contacts', 'add', links.get('ben') ?? '', '--as', 'ben')
  await ok('ann', 'send', 'ben', 'hello')
  await ok('ben', 'contacts', 'add', links.get('ann') ?? '', '--as', 'ann')
  expect(textsOf(await ok('ben', 'read', 'ann', '--json'))).toEqual(['hello'])
  await ok('ben', 'send', 'ann', 'hello yourself')
  expect(textsOf(await ok('ann', 'read', 'ben', '--json'))).toEqual(['hello', 'hello yourself'])

  // It does not come back: both leave it.
  for (const name of ['ann', 'ben']) await ok(name, 'relay', 'remove', mortal.url)
  expect(await homesOf('ann')).toEqual([net.relay])
})

test('the only home relay is killed for good: the identity names another one, and goes on', async () => {
  const mortal = await relay()
  await ok('cid', 'init', '--relay', mortal.url)
  const { link } = await net.init('dee')
  await ok('cid', 'contacts', 'add', link, '--as', 'dee')
  const cid = JSON.parse(await ok('cid', 'invite', '--json')).data.link
  await ok('dee', 'contacts', 'add', cid, '--as', 'cid')
  // Its log is kept where the other one is at home.
  await ok('dee', 'send', 'cid', 'before')
  expect(textsOf(await ok('cid', 'read', 'dee', '--json'))).toEqual(['before'])
  await mortal.kill()
  const refused = await net.run('cid', 'relay', 'use', net.relay, '--json', '--timeout', '2s')
  expect(refused.code).toBe(3)
  expect(JSON.parse(refused.err).error.code).toBe('relay/no-home')
  expect(await homesOf('cid')).toEqual([mortal.url])

  const used = JSON.parse(await ok('cid', 'relay', 'use', net.relay, '--lost', '--json')).data
  expect(used.relays).toEqual([net.relay, mortal.url])
  await ok('cid', 'relay', 'remove', mortal.url)
  expect(await homesOf('cid')).toEqual([net.relay])
  await ok('cid', 'send', 'dee', 'I moved')
  expect(textsOf(await ok('dee', 'read', 'cid', '--json'))).toEqual(['before', 'I moved'])
  await ok('dee', 'group', 'create', 'New', 'cid')
  expect(await ok('cid', 'group', 'invitations', '--json')).toContain('New')
})
