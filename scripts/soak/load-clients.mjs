/**
 * The clients of the soak under load, in a process of their own. Half of the connections send and half receive, one of
 * each per topic. Like real ones they have an outbox: what has no receipt is sent again, under its reference, after the
 * link came back.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectDchat, newTopic } from '../bench/relay/dchat-client.mjs'
import { takeOrders } from '../bench/relay/orders.mjs'
import { faultsOf } from './check.mjs'

const BODY = 1_000
const CREDIT = 64
const WINDOW = 256
const PAGE = 256
const BACKOFF = 50
const AT_ONCE = 50

const faults = []
const latencies = []
let over = false
let lives = 0

/** Keeps a link for as long as the soak lasts: `live` runs on each of them until it ends. */
const keep = async (port, live) => {
  while (!over)
    try {
      const link = await connectDchat(port)
      lives += 1
      await live(link)
      await link.ended
    } catch {
      await sleep(BACKOFF * (1 + 5 * Math.random()))
    }
}

const bodyOf = (message) => {
  const body = new Uint8Array(BODY)
  new DataView(body.buffer).setUint32(0, message)
  return body
}
const messageOf = (body) => new DataView(body.buffer, body.byteOffset).getUint32(0)
const hashOf = (receipt) => Buffer.from(receipt.entry).toString('base64')

const conversation = (port) => {
  const topic = newTopic()
  const outbox = new Map()
  const receipts = new Map()
  let link
  let sent = 0
  let cursor = 0
  let open
  const opened = new Promise((resolve) => {
    open = resolve
  })

  const publish = (on, { message, reference, at }) => {
    const entry = { kind: 'application', epoch: 0, reference, body: bodyOf(message) }
    on.request('topic.publish', { topic: topic.id, entries: [entry] }).then(
      ({ receipts: [receipt] }) => {
        const known = receipts.get(message)
        if (known && known.seq !== receipt.seq) faults.push(`message ${message} has two receipts`)
        receipts.set(message, { seq: receipt.seq, hash: hashOf(receipt) })
        if (outbox.delete(message)) latencies.push(performance.now() - at)
      },
      // A refusal is a fault. The end of the link is none: the message stays in the outbox.
      (error) => error.message !== 'the link ended' && faults.push(error.message),
    )
  }

  const sending = keep(port, async (fresh) => {
    await fresh.prove('topic', topic.id, topic.key)
    await fresh.request('topic.publish', { topic: topic.id, create: topic.create, entries: [] })
    open()
    for (const one of outbox.values()) publish(fresh, one)
    link = fresh
    fresh.ended.then(() => {
      if (link === fresh) link = undefined
    })
  })

  const receive = (on, subscription, { receipt, body }) => {
    if (receipt.seq !== cursor + 1) faults.push(`place ${receipt.seq} was delivered after ${cursor}`)
    if (messageOf(body) !== receipt.seq) faults.push(`message ${messageOf(body)} was delivered at ${receipt.seq}`)
    cursor = receipt.seq
    if (cursor % CREDIT === 0) on.send({ type: 'credit', id: subscription, credit: CREDIT })
  }

  const receiving = opened.then(() =>
    keep(port, async (fresh) => {
      const subscription = fresh.takeId()
      fresh.onFrame = (frame) => {
        if (frame.type === 'item') receive(fresh, subscription, frame.item)
        else if (frame.type === 'end') faults.push(`a subscription ended with ${frame.code}`)
      }
      await fresh.prove('topic', topic.id, topic.key)
      const params = { topic: topic.id, after: cursor }
      fresh.send({ type: 'subscribe', id: subscription, name: 'topic', params, credit: WINDOW })
    }),
  )

  /** The whole log over a new link, beside what was acknowledged. */
  const readBack = async () => {
    const reader = await connectDchat(port)
    await reader.prove('topic', topic.id, topic.key)
    const entries = []
    for (;;) {
      const params = { topic: topic.id, after: entries.length, limit: PAGE }
      const page = await reader.request('topic.read', params)
      entries.push(
        ...page.entries.map(({ body, receipt }) => ({
          seq: receipt.seq,
          message: messageOf(body),
          hash: hashOf(receipt),
        })),
      )
      if (page.entries.length === 0 || entries.length >= page.head.seq) break
    }
    reader.close()
    faults.push(...faultsOf(entries, receipts, sent))
    return entries.length
  }

  return {
    opened,
    stopped: Promise.all([sending, receiving]),
    readBack,
    say: () => {
      sent += 1
      const one = { message: sent, reference: new Uint8Array(randomBytes(16)), at: performance.now() }
      outbox.set(sent, one)
      if (link) publish(link, one)
    },
    /** Everything is acknowledged and was delivered. */
    done: () => outbox.size === 0 && cursor >= sent,
  }
}

const conversations = []

const summary = () => {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)]
  return { p50: at(0.5), p95: at(0.95), longest: sorted.at(-1) }
}

takeOrders({
  open: async ({ port, connections }) => {
    const wanted = connections / 2
    for (let i = 0; i < wanted; i += AT_ONCE) {
      const fresh = Array.from({ length: Math.min(AT_ONCE, wanted - i) }, () => conversation(port))
      conversations.push(...fresh)
      await Promise.all(fresh.map(({ opened }) => opened))
    }
  },
  /** Says `rate` messages a second, and resolves when the last of them has arrived. */
  run: async ({ rate, seconds }) => {
    const began = performance.now()
    const wanted = rate * seconds
    for (let sent = 0; sent < wanted; ) {
      const due = Math.min(wanted, Math.ceil(((performance.now() - began) / 1_000) * rate))
      for (; sent < due; sent += 1) conversations[sent % conversations.length].say()
      await sleep(2)
    }
    while (!conversations.every(({ done }) => done()) && faults.length === 0) await sleep(20)
    return { sent: wanted, lives, faults: faults.slice(0, 10), ...summary() }
  },
  readBack: async () => {
    let entries = 0
    for (let i = 0; i < conversations.length; i += AT_ONCE)
      for (const count of await Promise.all(conversations.slice(i, i + AT_ONCE).map(({ readBack }) => readBack())))
        entries += count
    over = true
    return { entries, faults: faults.slice(0, 10) }
  },
})
