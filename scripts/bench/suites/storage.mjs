import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'
import { openPage } from '../storage/chromium.mjs'
import { createWorkload } from '../storage/workload.mjs'

const built = (entry) => import(pathToFileURL(join(root, `packages/sdk/dist/${entry}.js`)).href)

/** A conversation of so many messages, and the one that it is held against. */
const SIZES = { full: [1_000, 100_000], quick: [100, 1_000] }
const RUNS = { full: { runs: 300, warmup: 30 }, quick: { runs: 5, warmup: 1 } }

const OPERATIONS = {
  newest: 'newest 50',
  depth: '50 at depth',
  put: 'put one',
  unread: 'unread',
}
/** Through the sealed store, as every client; and the sealed rows alone, which is what the adapter itself costs. */
const LAYERS = { sealed: '', rows: ', rows' }

const thousands = (count) => (count >= 1_000 ? `${count / 1_000}k` : String(count))
const nameOf = (place, layer, operation, count) =>
  `${place}${LAYERS[layer]}: ${OPERATIONS[operation]} of ${thousands(count)}`

const casesOf = (place, size, measured) =>
  Object.keys(LAYERS).flatMap((layer) =>
    Object.keys(OPERATIONS).flatMap((operation) =>
      SIZES[size].map((count) => ({
        name: nameOf(place, layer, operation, count),
        ...RUNS[size],
        measured: (index) => measured(count, layer, operation, index),
      })),
    ),
  )

/** An adapter that runs in this program. `open` gives an empty storage for each size. */
const inNode = (name, open, close) => ({
  name,
  open: async (size) => {
    const { sealedStore } = await built('index')
    const random = (length) => new Uint8Array(randomBytes(length))
    const workloads = new Map()
    for (const count of SIZES[size])
      workloads.set(count, await createWorkload(await open(count), (to) => sealedStore(to, random(32), random), count))
    return casesOf(name, size, async (count, layer, operation, index) => {
      const run = workloads.get(count)[layer][operation]
      const since = performance.now()
      await run(index)
      return performance.now() - since
    })
  },
  close,
})

const memory = inNode(
  'memory',
  async () => (await built('node')).memoryStorage(),
  async () => undefined,
)

const sqlite = () => {
  let folder
  const opened = []
  return inNode(
    'SQLite',
    async (count) => {
      folder ??= mkdtempSync(join(tmpdir(), 'dchat-bench-'))
      const storage = await (await built('sqlite')).sqliteStorage(join(folder, `${count}.db`))
      opened.push(storage)
      return storage
    },
    async () => {
      for (const storage of opened) await storage.close()
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  )
}

const DEXIE = 'Dexie'
const dexie = () => {
  let page
  return {
    name: DEXIE,
    open: async (size) => {
      page = await openPage()
      for (const count of SIZES[size]) await page.open(count)
      return casesOf(DEXIE, size, page.measure)
    },
    close: async () => page?.close(),
  }
}

const [few, many] = SIZES.full

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'storage',
  title: 'A conversation of 100,000 messages beside one of 1,000',
  unit: 'ms',
  rounds: 10,
  parts: [dexie(), sqlite(), memory],
  aims: Object.keys(OPERATIONS).map((operation) => ({
    of: nameOf(DEXIE, 'sealed', operation, many),
    over: nameOf(DEXIE, 'sealed', operation, few),
    atMost: 1.5,
  })),
}
