/**
 * The clients of a benchmark, in a process of their own: `{ pairs }` or `{ idle }` first, then any number of loads.
 * It answers each order with one message. What it costs itself is told with each load.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { takeOrders } from './orders.mjs'

const BODY = 1_000
const MARK = Buffer.from('@t=')
const DIGITS = 16
/** Clients that log in at the same time: everybody at once would be a test of its own. */
const AT_ONCE = 25

const body = Buffer.alloc(BODY, 'x')
body.set(MARK)

/** The body of a message that is sent now. Its bytes are used before the next one is made. */
const bodyNow = () => {
  body.write(performance.now().toFixed(6).padStart(DIGITS, '0'), MARK.length, 'latin1')
  return body
}

/** When the message in these bytes was sent; undefined if there is none. */
const stampOf = (bytes) => {
  const at = bytes.indexOf(MARK)
  return at < 0 ? undefined : Number(bytes.latin1Slice(at + MARK.length, at + MARK.length + DIGITS))
}

const clients = { dchat: () => import('./dchat-client.mjs'), xmpp: () => import('./xmpp-client.mjs') }
let pairs = []
let idle = []

const openAll = async (count, open) => {
  const out = []
  for (let i = 0; i < count; i += AT_ONCE)
    out.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, at) => open(i + at)))))
  return out
}

/** Counts what arrives, and what each took (ms) where somebody wants to know. */
const listen = (onArrival) => {
  const seen = { arrived: 0, latencies: [] }
  pairs.forEach((pair, index) => {
    pair.arrived = (stamp) => {
      seen.arrived += 1
      seen.latencies.push(performance.now() - stamp)
      onArrival(index)
    }
  })
  return seen
}

const receiptsOf = () => pairs.reduce((sum, { receipts = 0 }) => sum + receipts, 0)
const costOf = (since) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

const settled = async (seen, sent, before) => {
  const hasReceipts = 'receipts' in pairs[0]
  while (seen.arrived < sent || (hasReceipts && receiptsOf() - before < sent)) await sleep(1)
}

/** So many messages a second, over all pairs in turn, whatever comes back. */
const paced = async ({ rate, seconds }) => {
  const seen = listen(() => undefined)
  const [receipts, cpu, began] = [receiptsOf(), process.cpuUsage(), performance.now()]
  const wanted = rate * seconds
  for (let sent = 0; sent < wanted; ) {
    const due = Math.min(wanted, Math.ceil(((performance.now() - began) / 1000) * rate))
    for (; sent < due; sent += 1) pairs[sent % pairs.length].send(bodyNow())
    await sleep(1)
  }
  await settled(seen, wanted, receipts)
  const took = performance.now() - began
  return { messages: wanted, took, cpu: costOf(cpu), latencies: seen.latencies }
}

/** Each pair has `window` messages under way, for so long. */
const closed = async ({ window, seconds }) => {
  let sent = 0
  let going = true
  const send = (index) => {
    if (!going) return
    sent += 1
    pairs[index].send(bodyNow())
  }
  const seen = listen(send)
  const [receipts, cpu, began] = [receiptsOf(), process.cpuUsage(), performance.now()]
  for (let i = 0; i < window; i += 1) pairs.forEach((_, index) => void send(index))
  await sleep(seconds * 1000)
  const [messages, took, spent] = [seen.arrived, performance.now() - began, costOf(cpu)]
  going = false
  await settled(seen, sent, receipts)
  return { messages, took, cpu: spent, latencies: [] }
}

/** How long a client waits before it tries again (ms): between this and six times this. */
const BACKOFF = 20

/**
 * What everybody does whose server was there a moment ago: dial again and again until served. For each client the time
 * from now.
 */
const storm = async ({ kind, port, count }) => {
  const { dchatIdle, xmppIdle } = await clients[kind]()
  for (const { close } of idle.splice(0)) close()
  const began = performance.now()
  const latencies = await Promise.all(
    Array.from({ length: count }, async () => {
      for (;;) {
        try {
          idle.push(await (dchatIdle ?? xmppIdle)(port))
          return performance.now() - began
        } catch {
          await sleep(BACKOFF * (1 + 5 * Math.random()))
        }
      }
    }),
  )
  return { latencies }
}

const ORDERS = {
  storm,
  pairs: async ({ kind, port, count }) => {
    const { dchatPair, xmppPair } = await clients[kind]()
    pairs = await openAll(count, (index) => (dchatPair ?? xmppPair)(port, stampOf, index))
  },
  idle: async ({ kind, port, count }) => {
    const { dchatIdle, xmppIdle } = await clients[kind]()
    idle = await openAll(count, () => (dchatIdle ?? xmppIdle)(port))
  },
  paced,
  closed,
  close: async () => {
    for (const { close } of [...pairs.splice(0), ...idle.splice(0)]) close()
  },
}

takeOrders(ORDERS)
