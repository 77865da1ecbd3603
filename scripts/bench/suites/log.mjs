import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'

const { sqliteStore } = await import(pathToFileURL(join(root, 'packages/relay/dist/index.js')).href)

const SIZES = { quick: [50, 100, 200], full: [1_000, 100_000, 1_000_000] }
const BATCH = 200
const BODY = new Uint8Array(randomBytes(1_000))
const PAGE = { limit: 64, bytes: 1_000_000 }

const bytes = (length) => new Uint8Array(randomBytes(length))

/** An entry as the relay stores it: places, hashes and a receipt of the usual lengths. */
const entryAt = (topic, seq, time) => ({
  epoch: 0,
  reference: bytes(16),
  body: BODY,
  frame: null,
  receipt: {
    ...{ topic, seq, previous: bytes(32), entry: bytes(32), kind: 'application', time },
    ...{ index: 0, size: 2, path: [bytes(32)], signature: bytes(64) },
  },
})

/** A store with one topic of so many entries. */
const topicOf = async (entries) => {
  const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-log-'))
  const store = sqliteStore(folder)
  const topic = bytes(32)
  const key = bytes(32)
  let seq = 0
  const append = async (count) => {
    const time = 1_790_000_000_000 + seq
    const fresh = Array.from({ length: count }, (_, index) => entryAt(topic, seq + index + 1, time))
    const expect = seq === 0 ? 'absent' : seq
    const keys = seq === 0 ? [{ key, epoch: 0 }] : []
    seq += count
    const after = {
      seq,
      head: bytes(32),
      epoch: 0,
      time,
      key,
      previousKey: null,
      removed: false,
      bytes: seq * BODY.length,
    }
    const [outcome] = await store.commit([
      { type: 'topic.append', topic, expect, entries: fresh, after, keys, blobs: [], time },
    ])
    if (!outcome.ok) throw outcome.error
  }
  while (seq < entries) await append(Math.min(BATCH, entries - seq))
  const page = async (after) => {
    const found = await store.entries(topic, after, seq, PAGE)
    if (found.length === 0) throw new Error('the page is empty')
  }
  const close = async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { entries, append, page, close, seq: () => seq }
}

const name = {
  append: (size) => `append one, behind ${size}`,
  newest: (size) => `the newest 64 of ${size}`,
  anywhere: (size) => `64 anywhere in ${size}`,
}

const topics = []

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'log',
  title: "One topic in the relay's store, entries of 1,000 bytes",
  unit: 'ms',
  rounds: 10,
  setup: async (size) => {
    const runs = size === 'quick' ? 5 : 1_000
    for (const entries of SIZES[size]) topics.push(await topicOf(entries))
    const each = { runs, warmup: Math.ceil(runs / 10) }
    return topics.flatMap(({ entries, append, page, seq }) => [
      { name: name.append(entries), ...each, run: () => append(1) },
      { name: name.newest(entries), ...each, run: () => page(seq() - PAGE.limit) },
      { name: name.anywhere(entries), ...each, run: () => page(Math.floor(Math.random() * (seq() - PAGE.limit))) },
    ])
  },
  // What was opened here is closed like a peer: in the end, whatever happened.
  parts: [
    {
      name: 'stores',
      open: async () => [],
      close: async () => {
        for (const { close } of topics.splice(0)) await close()
      },
    },
  ],
  aims: SIZES.full
    .slice(1)
    .flatMap((size) => Object.values(name).map((of) => ({ of: of(size), over: of(SIZES.full[0]), atMost: 1.5 }))),
}
