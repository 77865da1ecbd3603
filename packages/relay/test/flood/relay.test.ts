import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Limits } from '../../src/index.ts'
import { TestClient } from '../support/client.ts'
import { testCrypto } from '../support/crypto.ts'
import { testIdentity } from '../support/identity.ts'
import { serve, useProgram } from '../support/process.ts'
import { client, codeOf, member, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'
import { testTopic } from '../support/topic.ts'

const program = useProgram()
const random = testCrypto.random

/** Addresses of attackers. */
const ADDRESSES = 20
const addressOf = (index: number) => `203.0.113.${1 + (index % ADDRESSES)}`

/** MiB that the relay may have for what JavaScript holds: more than it needs, and little beside what a flood sends. */
const HEAP = 160

/** A relay in a process of its own, behind a proxy, that ends if its memory grows. */
const flooded = async (limits: Partial<Limits> = {}) => {
  const folder = await tempDir()
  const config = join(folder, 'relay.json')
  await writeFile(config, JSON.stringify({ trustedProxies: ['loopback'], metrics: 'everyone', limits }))
  const argv = ['--port', '0', '--log-level', 'silent', '--data', join(folder, 'data'), '--config', config]
  const running = await serve(program.file, argv, [`--max-old-space-size=${HEAP}`])
  onTestFinished(async () => {
    running.child.kill('SIGKILL')
    await running.exit
  })
  return running
}

/** Publishes while the flood runs, some more messages after it, and reads everything back on another connection. */
const talkThrough = async (at: { url: string }, flooding: Promise<unknown>) => {
  const alice = await TestClient.connect(at.url, { from: '198.51.100.7' })
  const bob = await TestClient.connect(at.url, { from: '198.51.100.8' })
  const topic = await testTopic()
  await alice.prove('topic', topic.id, topic.seed(0))
  await alice.request('topic.publish', { topic: topic.id, create: await topic.create(), entries: [] })
  await bob.prove('topic', topic.id, topic.seed(0))
  const feed = bob.subscribe('topic', { topic: topic.id, after: 0 }, 4_096)
  let over = false
  flooding.then(
    () => (over = true),
    () => (over = true),
  )
  let sent = 0
  const send = () =>
    alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0, `message ${++sent}`)] })
  do await send()
  while (!over && sent < 2_000)
  const during = sent
  await flooding
  for (let more = 0; more < 10; more++) await send()
  const items = await feed.count(sent)
  expect(items.map(({ receipt }) => receipt.seq)).toEqual(Array.from({ length: sent }, (_, index) => index + 1))
  await Promise.all([alice.close(), bob.close()])
  return during
}

const links = (at: { url: string }, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => TestClient.connect(at.url, { from: addressOf(index) })))

/** How often each answer came. */
const counted = async (answers: Iterable<Promise<unknown>>) => {
  const count: Record<string, number> = {}
  for (const code of await Promise.all([...answers].map(codeOf))) count[`${code}`] = (count[`${code}`] ?? 0) + 1
  return count
}

describe('a relay under a flood serves the others, and its memory has a bound', () => {
  test('of subscriptions and proofs, on many connections of many addresses', async () => {
    const at = await flooded({ subscriptionsPerAddress: 80, allSubscriptions: 1_400, proofsPerAddress: 10 })
    const hostile = await links(at, 40)
    const outcomes = { ends: 0, proved: {} as Record<string, number> }
    const flood = async () => {
      const topics = await Promise.all(
        hostile.map(async (link) => {
          const topic = await testTopic()
          await link.prove('topic', topic.id, topic.seed(0))
          await link.request('topic.publish', { topic: topic.id, create: await topic.create(), entries: [] })
          return topic.id
        }),
      )
      const proofs = hostile.flatMap((link) =>
        Array.from({ length: 15 }, () => {
          const seed = random(32)
          return testCrypto.ed25519.publicKey(seed).then((key) => link.prove('device', key, seed))
        }),
      )
      hostile.forEach((link, index) => {
        for (let id = 1_000_000; id < 1_000_050; id++)
          link.send({ type: 'subscribe', id, name: 'topic', params: { topic: topics[index], after: 0 }, credit: 1 })
      })
      outcomes.proved = await counted(proofs)
      // Every link still answers: what it asked for before was judged.
      await Promise.all(hostile.map((link) => link.request('relay.info', {})))
      outcomes.ends = hostile.reduce((sum, link) => sum + link.frames.filter(({ type }) => type === 'end').length, 0)
    }
    const during = await talkThrough(at, flood())
    expect(during).toBeGreaterThan(0)
    // 20 addresses ask for 100 subscriptions each. None gets more than 80, none less than 64, and not all of them 80.
    expect(outcomes.ends).toBeGreaterThan(ADDRESSES * 20)
    expect(outcomes.ends).toBeLessThanOrEqual(ADDRESSES * 36)
    // 10 of each address, two of which are keys of topics.
    expect(outcomes.proved).toEqual({ 'no error': ADDRESSES * 8, 'relay/quota': 600 - ADDRESSES * 8 })
    await Promise.all(hostile.map((link) => link.close()))
    // What they held is free again.
    const [again] = await links(at, 1)
    const seed = random(32)
    await again?.prove('device', await testCrypto.ed25519.publicKey(seed), seed)
    await again?.close()
  })

  test('of identity logs to verify', async () => {
    const at = await flooded({ logEntries: { perSecond: 1, burst: 64 } })
    const hostile = await links(at, 60)
    const long = async () => {
      const person = testIdentity()
      let log: readonly Uint8Array[] = person.genesis
      for (let i = 0; i < 20; i++) log = person.add(log, (await person.newDevice()).key)
      return log
    }
    const logs = await Promise.all(Array.from({ length: 12 }, long))
    let codes: Record<string, number> = {}
    const flood = async () => {
      codes = await counted(
        hostile.flatMap((link) => logs.map((log) => link.request('identity.put', { log: [...log, random(100)] }))),
      )
    }
    expect(await talkThrough(at, flood())).toBeGreaterThan(0)
    // 64 entries for each address, and a log has 22: two of each address are looked at, and no more.
    expect(codes['transport/rate-limited']).toBeGreaterThanOrEqual(60 * 12 - ADDRESSES * 8)
    expect((codes['identity/bad-log'] ?? 0) + (codes['protocol/malformed'] ?? 0)).toBeGreaterThan(0)
    const honest = await TestClient.connect(at.url, { from: '198.51.100.7' })
    await honest.request('identity.put', { log: testIdentity().genesis })
    await Promise.all([...hostile, honest].map((link) => link.close()))
  })

  test('of large requests that are never finished or never read', async () => {
    const at = await flooded()
    const hostile = await links(at, 60)
    const flood = async () => {
      const bodies = Array.from({ length: 6 }, () => random(900 * 1024))
      await counted(
        hostile.flatMap((link) =>
          bodies.map((body) => link.request('inbox.put', { device: random(32), reference: random(16), body })),
        ),
      )
      // And half a frame each: 1 GiB in pieces is never gathered.
      for (const { socket } of hostile) socket.send(random(1024 * 1024), { fin: false })
    }
    expect(await talkThrough(at, flood())).toBeGreaterThan(0)
    const text = await (await fetch(`${at.url.replace('ws', 'http')}/metrics`)).text()
    const resident = Number(/dchat_relay_resident_bytes (\d+)/.exec(text)?.[1])
    expect(resident).toBeGreaterThan(0)
    expect(resident).toBeLessThan(600 * 1024 * 1024)
    for (const link of hostile) link.socket.terminate()
  })
})

describe('connections that want to be many, or to last', () => {
  const open = async (url: string): Promise<Socket> => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }

  test('who says nothing, or says it byte by byte, is cut off, and meanwhile others come in', async () => {
    const at = await relay({ patience: 1_000 })
    const silent = await Promise.all(Array.from({ length: 50 }, () => open(at.url)))
    const slow = await Promise.all(Array.from({ length: 20 }, () => open(at.url)))
    const headers = 'GET / HTTP/1.1\r\nHost: relay\r\nX-Slow: '
    let at0 = 0
    const dripping = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write(headers[at0] ?? 'x')
      at0++
    }, 50)
    onTestFinished(() => clearInterval(dripping))
    const ended = [...silent, ...slow].map((socket) => once(socket.resume(), 'close'))
    const { client: honest, topic } = await member(at, 1)
    await Promise.all(ended)
    await honest.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })
  })

  test('sockets without a link are bounded for each address, and for a proxy only in all', async () => {
    const at = await relay({ limits: { connectionsPerAddress: 5 } })
    // 16 more than links, so that whoever may have no more of those is told so.
    const held = await Promise.all(Array.from({ length: 21 }, () => open(at.url)))
    const next = await open(at.url)
    await once(next.resume(), 'close')
    await expect(TestClient.raw(at.url)).rejects.toThrow()
    for (const socket of held) socket.destroy()
    await expect.poll(() => codeOf(TestClient.connect(at.url).then((link) => link.close()))).toBe('no error')

    const behind = await relay({ limits: { connectionsPerAddress: 5 }, trustedProxies: ['loopback'] })
    await Promise.all(Array.from({ length: 40 }, () => open(behind.url)))
    await (await client(behind, '198.51.100.7')).request('relay.info', {})
  })

  test('who connects all the time is told when to come back, and another address is not', async () => {
    const at = await relay({ trustedProxies: ['loopback'], limits: { connects: { perSecond: 0.01, burst: 10 } } })
    const tried = await Promise.allSettled(
      Array.from({ length: 30 }, () => TestClient.raw(at.url, { from: '203.0.113.1' })),
    )
    const taken = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(taken).toHaveLength(10)
    const refused = tried.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    expect(refused.every((reason) => reason.includes('503'))).toBe(true)
    await (await client(at, '198.51.100.7')).request('relay.info', {})
    for (const { socket } of taken) socket.terminate()
  })

  test('who connects and never says hello makes room by itself', async () => {
    const at = await relay({ patience: 200, limits: { connectionsPerAddress: 20 } })
    const mute = await Promise.all(Array.from({ length: 20 }, () => TestClient.raw(at.url)))
    await expect(TestClient.raw(at.url)).rejects.toThrow('503')
    expect(await Promise.all(mute.map(({ closed }) => closed))).toEqual(mute.map(() => 1008))
    await (await client(at)).request('relay.info', {})
  })
})
