/** Runs in a page of a real browser: the Dexie adapter over IndexedDB. */

import { dexieStorage } from '../../../packages/sdk/dist/dexie.js'
import { sealedStore } from '../../../packages/sdk/dist/index.js'
import { createWorkload } from './workload.mjs'

const random = (length) => crypto.getRandomValues(new Uint8Array(length))
const workloads = new Map()

globalThis.bench = {
  open: async (count) => {
    const storage = await dexieStorage(`bench-${count}`)
    workloads.set(count, await createWorkload(storage, (to) => sealedStore(to, random(32), random), count))
  },
  /** ms that the operation took here. */
  measure: async (count, layer, operation, index) => {
    const run = workloads.get(count)[layer][operation]
    const since = performance.now()
    await run(index)
    return performance.now() - since
  },
}
