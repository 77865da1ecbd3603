import { afterEach, expect, test, vi } from 'vitest'
import { argon2idHere } from '../../src/adapters/crypto/argon2.ts'
import type { Argon2Job } from '../../src/adapters/crypto/argon2-job.ts'
import { webArgon2id } from '../../src/adapters/crypto/argon2-web.ts'
import type { Argon2Reply } from '../../src/adapters/crypto/argon2-worker.ts'
import { fromHex, utf8 } from '../../src/util/bytes.ts'

type Module = (module: unknown) => Promise<unknown>
const wasm = (globalThis as unknown as { WebAssembly: { compile: Module; instantiate: Module } }).WebAssembly

const JOB: Argon2Job = { passphrase: utf8('correct horse'), salt: new Uint8Array(16).fill(5), memory: 256, passes: 2 }
const HASH = fromHex('c1ba0fb70f72fba23fafaa618352efccd15b3b8cd5111c886ffa0fbb6e3ad72c')

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('is the same in WebAssembly and in JavaScript', async () => {
  expect(await argon2idHere(JOB)).toEqual(HASH)
  const make = vi.spyOn(wasm, 'instantiate')
  vi.spyOn(wasm, 'compile').mockRejectedValue(new Error('blocked by the policy'))
  expect(await argon2idHere(JOB)).toEqual(HASH)
  vi.stubGlobal('WebAssembly', undefined)
  expect(await argon2idHere(JOB)).toEqual(HASH)
  expect(make).not.toHaveBeenCalled()
})

test.each([
  ['memory', { memory: 7 }],
  ['memory', { memory: 2 ** 22 + 1 }],
  ['memory', { memory: 64.5 }],
  ['passes', { passes: 0 }],
  ['passes', { passes: Number.NaN }],
  ['salt', { salt: new Uint8Array(7) }],
  ['passphrase', { passphrase: new Uint8Array() }],
])('refuses a wrong %s: %o', async (name, wrong) => {
  await expect(argon2idHere({ ...JOB, ...wrong })).rejects.toMatchObject({
    code: 'usage/invalid-argument',
    details: { name },
  })
})

test('says that the memory is not there', async () => {
  vi.spyOn(wasm, 'instantiate').mockRejectedValue(new RangeError('Cannot allocate Wasm memory'))
  const error = { code: 'crypto/out-of-memory', details: { mebibytes: 1024 } }
  await expect(argon2idHere({ ...JOB, memory: 1024 * 1024 })).rejects.toMatchObject(error)
})

/** A platform whose workers answer as `answer` says. */
const withWorkers = (answer: (worker: FakeWorker, job: Argon2Job) => void) => {
  const made: FakeWorker[] = []
  vi.stubGlobal(
    'Worker',
    class extends FakeWorker {
      constructor(url: URL, options: unknown) {
        super(url, options, answer)
        made.push(this)
      }
    },
  )
  return made
}

class FakeWorker {
  onmessage: (event: { data: Argon2Reply }) => void = () => {}
  onmessageerror: () => void = () => {}
  onerror: (event: { preventDefault(): void }) => void = () => {}
  ended = false
  constructor(
    readonly url: URL,
    readonly options: unknown,
    readonly answer: (worker: FakeWorker, job: Argon2Job) => void,
  ) {}
  postMessage(job: Argon2Job) {
    queueMicrotask(() => this.answer(this, job))
  }
  terminate() {
    this.ended = true
  }
}

test('is left to a worker of its own, which ends with it', async () => {
  const made = withWorkers((worker, job) => worker.onmessage({ data: { hash: job.salt } }))
  expect(await webArgon2id(JOB)).toEqual(JOB.salt)
  expect(made).toHaveLength(1)
  expect(made[0]).toMatchObject({ ended: true, options: { type: 'module' } })
  expect(made[0]?.url.pathname).toMatch(/\/argon2-worker\.js$/)
})

test.each<[string, (worker: FakeWorker) => void]>([
  ['does not start', (worker) => worker.onerror({ preventDefault: () => {} })],
  ['fails for a reason of its own', (worker) => worker.onmessage({ data: { failed: 'unexpected' } })],
  ['answers what nobody can read', (worker) => worker.onmessageerror()],
])('is done in place where the worker %s', async (_name, answer) => {
  const made = withWorkers(answer)
  expect(await webArgon2id(JOB)).toEqual(HASH)
  expect(made.map(({ ended }) => ended)).toEqual([true])
})

test('is not tried again where the worker had no memory', async () => {
  withWorkers((worker) => worker.onmessage({ data: { failed: 'out-of-memory' } }))
  await expect(webArgon2id(JOB)).rejects.toMatchObject({ code: 'crypto/out-of-memory', details: { mebibytes: 1 } })
})

test('is done in place where no worker can be made, and in a worker', async () => {
  expect(await webArgon2id(JOB)).toEqual(HASH)
  const made = withWorkers(() => {
    throw new Error('not here')
  })
  vi.stubGlobal('WorkerGlobalScope', class {})
  expect(await webArgon2id(JOB)).toEqual(HASH)
  vi.unstubAllGlobals()
  vi.stubGlobal('Worker', () => {
    throw new TypeError('the policy asks for trusted types')
  })
  expect(await webArgon2id(JOB)).toEqual(HASH)
  expect(made).toEqual([])
})
