import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { runGateway } from '../../src/gateway/gateway.ts'
import type { GatewayProblem } from '../../src/gateway/problem.ts'
import { storedEndpoints } from '../../src/gateway/stored.ts'
import { addWebhook, removeWebhook, rotateWebhook, testWebhook } from '../../src/gateway/webhook-list.ts'
import { memoryQueue } from '../../src/queue/memory.ts'
import { createWebhookKeyPair, createWebhookSecret } from '../../src/webhooks/keys.ts'
import { ROTATION_OVERLAP } from '../../src/webhooks/rotation.ts'
import { verifyWebhook } from '../../src/webhooks/signature.ts'
import { messageEvent } from '../support/events.ts'
import { listen, type Received } from '../support/http.ts'
import { eventLog } from '../support/source.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const WAIT = { timeout: 30_000 }

const isPing = ({ body }: Received): boolean => JSON.parse(body).type === 'webhook.ping'

/** A program that repeats challenges, and answers events with `status()`. */
const program = async (status = () => 200) => {
  const server = await listen((received, response) => {
    if (isPing(received)) response.end(JSON.stringify(JSON.parse(received.body).data))
    else response.writeHead(status()).end()
  })
  open.push(() => server.close())
  return { ...server, events: () => server.received.filter((one) => !isPing(one)) }
}

test('a webhook is kept under a name of its own, with keys that sign, and for public addresses unless it is allowed', async () => {
  const queue = memoryQueue()
  const keys = [createWebhookSecret()]
  const webhook = { name: 'shop', url: 'https://shop.example/dchat', keys }
  expect(await addWebhook(queue, webhook)).toEqual({ ...webhook, keys: [{ key: keys[0] }], isPrivate: false })
  const bad = { code: 'usage/invalid-argument' }
  await expect(addWebhook(queue, webhook)).rejects.toMatchObject(bad)
  await expect(addWebhook(queue, { ...webhook, name: 'bot' })).rejects.toMatchObject(bad)
  await expect(addWebhook(queue, { ...webhook, name: 'A b' })).rejects.toMatchObject(bad)
  await expect(addWebhook(queue, { ...webhook, name: 'none', keys: [] })).rejects.toMatchObject(bad)
  const verifies = [createWebhookKeyPair().public]
  await expect(addWebhook(queue, { ...webhook, name: 'public', keys: verifies })).rejects.toMatchObject(bad)
  const local = { ...webhook, name: 'local', url: 'http://127.0.0.1:3000/' }
  await expect(addWebhook(queue, local)).rejects.toMatchObject({ code: 'webhook/forbidden-target' })
  expect(await addWebhook(queue, { ...local, isPrivate: true })).toMatchObject({ isPrivate: true })
  for (const verb of [testWebhook, removeWebhook]) await expect(verb(queue, 'nobody')).rejects.toMatchObject(bad)
  await expect(rotateWebhook(queue, 'nobody', createWebhookSecret())).rejects.toMatchObject(bad)
  expect((await queue.webhooks()).map(({ name }) => name)).toEqual(['local', 'shop'])
})

test('a rotation leaves the old key of its kind to sign for a day, and the other kind alone', async () => {
  const queue = memoryQueue()
  const [secret, pair] = [createWebhookSecret(), createWebhookKeyPair().secret]
  await addWebhook(queue, { name: 'shop', url: 'https://shop.example/', keys: [secret, pair] })
  const fresh = createWebhookSecret()
  const { keys } = await rotateWebhook(queue, 'shop', fresh, 1_000)
  expect(keys).toEqual([{ key: fresh }, { key: secret, until: 1_000 + ROTATION_OVERLAP }, { key: pair }])
})

test('a gateway at work takes up a webhook once it is tested, its new key, its end, and its return after 410', async () => {
  const queue = memoryQueue()
  let status = 200
  const server = await program(() => status)
  const log = eventLog()
  const problems: GatewayProblem[] = []
  const onProblem = (problem: GatewayProblem) => void problems.push(problem)
  const feed = storedEndpoints(queue, { clock: systemClock, onProblem })
  const stop = new AbortController()
  const seen: string[] = []
  const other = {
    name: 'bot',
    deliver: async ({ data }: { data: { event_id: string } }) => {
      seen.push(data.event_id)
      return { state: 'done' } as const
    },
  }
  const running = runGateway(
    { source: log.source, queue, endpoints: [other], feed, act: async () => undefined, onProblem, lookAgain: 10 },
    { signal: stop.signal },
  )
  open.push(async () => {
    stop.abort()
    await running
    await feed.close()
  })

  const [old, fresh] = [createWebhookSecret(), createWebhookSecret()]
  await addWebhook(queue, { name: 'shop', url: server.url, keys: [old], isPrivate: true })
  let count = 0
  /** Events, until the program got one more; resolves to it. */
  const next = async (): Promise<Received> => {
    const before = server.events().length
    await expect
      .poll(() => {
        count += 1
        log.push(messageEvent('a', count))
        return server.events().length
      }, WAIT)
      .toBeGreaterThan(before)
    return server.events()[before] as Received
  }
  log.push(messageEvent('untested', 1))
  await expect.poll(() => seen, WAIT).toContain('evt_untested1')
  expect(server.received).toEqual([])

  await testWebhook(queue, 'shop')
  const first = await next()
  verifyWebhook(first.body, first.headers, [old])

  await rotateWebhook(queue, 'shop', fresh)
  const isSignedBy = ({ body, headers }: Received, key: string): boolean => {
    try {
      return verifyWebhook(body, headers, [key]) !== undefined
    } catch {
      return false
    }
  }
  let latest = await next()
  while (!isSignedBy(latest, fresh)) latest = await next()
  expect(isSignedBy(latest, old)).toBe(true)

  status = 410
  await next()
  await expect.poll(() => problems.map(({ type }) => type), WAIT).toContain('endpoint.disabled')
  status = 200
  await testWebhook(queue, 'shop')
  await next()

  await removeWebhook(queue, 'shop')
  expect(await queue.deadLetters({ endpoint: 'shop' })).toEqual([])
  /** Events until one finds no webhook any more. */
  await expect
    .poll(async () => {
      count += 1
      log.push(messageEvent('b', count))
      const waiting = await queue.waiting({ endpoint: 'shop', limit: 1_000 })
      return { isSeen: seen.includes(`evt_b${count - 1}`), waiting: waiting.length }
    }, WAIT)
    .toEqual({ isSeen: true, waiting: 0 })
})
