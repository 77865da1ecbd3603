import { type Argon2Job, checkArgon2, outOfMemory } from './argon2-job.ts'
import type { Argon2Reply } from './argon2-worker.ts'

interface WorkerThread {
  onmessage: ((event: { data: Argon2Reply }) => void) | null
  onmessageerror: (() => void) | null
  onerror: ((event: { preventDefault(): void }) => void) | null
  postMessage(job: Argon2Job): void
  terminate(): void
}

declare const Worker: new (url: URL, options: { type: 'module' }) => WorkerThread

/** Undefined where no worker can be made, or its file cannot be had. Bundlers look for exactly this expression. */
const startWorker = (): WorkerThread | undefined => {
  // In a worker there is no page that could freeze.
  if (typeof Worker === 'undefined' || 'WorkerGlobalScope' in globalThis) return undefined
  try {
    return new Worker(new URL('./argon2-worker.js', import.meta.url), { type: 'module' })
  } catch {
    return undefined
  }
}

const ask = (worker: WorkerThread, job: Argon2Job): Promise<Argon2Reply> =>
  new Promise((resolve) => {
    const fail = () => resolve({ failed: 'unexpected' })
    worker.onmessage = ({ data }) => resolve(data)
    worker.onmessageerror = fail
    // A page's policy, or a bundler that left the file out, shows here and not in the constructor.
    worker.onerror = (event) => {
      event.preventDefault()
      fail()
    }
    worker.postMessage(job)
  })

/**
 * argon2id in a worker of its own, so that the page goes on; in place where there is no worker. Throws as
 * `argon2idHere` does.
 */
export const webArgon2id = async (job: Argon2Job): Promise<Uint8Array> => {
  checkArgon2(job)
  const worker = startWorker()
  if (worker !== undefined) {
    try {
      const reply = await ask(worker, job)
      if ('hash' in reply) return reply.hash
      if (reply.failed === 'out-of-memory') throw outOfMemory(job.memory)
    } finally {
      worker.terminate()
    }
  }
  const { argon2idHere } = await import('./argon2.ts')
  return argon2idHere(job)
}
