import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'

const kit = await import(pathToFileURL(join(root, 'packages/bot-kit/dist/index.js')).href)

const CONVERSATIONS = 40
const ID = 'ab'.repeat(32)
const TIME = '2026-11-21T02:00:00.000Z'

export const eventOf = (name, text) => ({
  v: 1,
  type: 'message.created',
  timestamp: TIME,
  data: {
    event_id: `evt_${name}`,
    bot: 'dchat1bot',
    seq: 1,
    conversation: { id: `c${name % CONVERSATIONS}`, kind: 'dm' },
    sender: { id: 'dchat1ann', name: 'Ann' },
    message: { id: ID, sent_at: TIME, kind: 'text', text },
  },
})

/** A client that says everything at once, to nobody; `said` counts. */
const talker = () => {
  const client = {
    said: 0,
    address: 'dchat1bot',
    connect: async () => undefined,
    invite: () => '',
    messages: {
      send: async () => {
        client.said += 1
        return { id: ID }
      },
      arrivals: async function* ({ signal }) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      ack: async () => undefined,
    },
  }
  return client
}

/** A clock by which a bot may always send one more message. */
const hurry = () => {
  let now = Date.parse(TIME)
  return {
    now: () => {
      now += 60_000
      return now
    },
    sleep: (_, { signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  }
}

/** A bot at work: three steps in between, a command, and a text that is answered. */
export const answering = async () => {
  const client = talker()
  const bot = kit.createBot({ joinGroups: false })
  for (let step = 0; step < 3; step += 1) bot.use(async (_, next) => next())
  bot.command('price', 'Quotes a price', (ctx) => ctx.reply('EUR 5')).on('message:text', (ctx) => ctx.reply(ctx.text))
  await bot.start({ client, clock: hurry() })
  const { signal } = new AbortController()
  return {
    handle: (event) => bot.handle(event, { attempt: 1, signal }),
    said: () => client.said,
    stop: () => bot.stop(),
  }
}

/** A server on this machine that knows nothing but 204; `received` is called for each request. */
export const program = async () => {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(204).end()
      received.call()
    })
  })
  const received = { call: () => undefined }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${server.address().port}`
  const poster = kit.createPoster({ allowPrivateTargets: [host] })
  const url = `http://${host}/`
  return {
    url,
    /** Called when the last byte of a request is there. */
    onRequest: (call) => {
      received.call = call
    },
    post: (body) => poster.post(url, { headers: {}, body, signal: AbortSignal.timeout(15_000) }),
    webhook: () =>
      kit.createWebhook({
        ...{ name: 'webhook', url, poster },
        keys: [kit.createWebhookSecret(), kit.createWebhookKeyPair().secret].map((key) => ({
          key: kit.parseWebhookKey(key),
        })),
      }),
    close: async () => {
      await poster.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A gateway over a queue on the disk, which hands what it is given to an endpoint. */
export const gateway = (endpoint) => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-bots-'))
  const queue = kit.sqliteQueue(join(folder, 'queue.db'))
  const stop = new AbortController()
  const given = []
  let wake = () => undefined
  stop.signal.addEventListener('abort', () => wake())
  const source = {
    arrivals: async function* () {
      for (let cursor = 0; !stop.signal.aborted; ) {
        const event = given[cursor]
        if (event === undefined)
          await new Promise((resolve) => {
            wake = resolve
          })
        else {
          cursor += 1
          yield { cursor, event }
        }
      }
    },
    ack: async () => undefined,
  }
  const running = kit.runGateway(
    { source, queue, endpoints: [endpoint], act: async () => undefined },
    { signal: stop.signal },
  )
  running.catch(() => undefined)
  return {
    give: (...events) => {
      given.push(...events)
      wake()
    },
    close: async () => {
      stop.abort()
      await running
      await queue.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
