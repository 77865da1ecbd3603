import { argon2idAsync } from '@noble/hashes/argon2.js'
import { argon2id as argon2idWasm } from 'hash-wasm'
import { type Argon2Job, checkArgon2, outOfMemory } from './argon2-job.ts'

const HASH_LENGTH = 32
const SLICE_MS = 10

const platform = globalThis as unknown as { WebAssembly: { compile(module: Uint8Array): Promise<unknown> } }

/** The smallest module. Pages whose policy lacks 'wasm-unsafe-eval', and browsers in lockdown, do not compile it. */
const NOTHING = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

const hasWebAssembly = async (): Promise<boolean> => {
  try {
    await platform.WebAssembly.compile(NOTHING)
    return true
  } catch {
    return false
  }
}

/**
 * argon2id (RFC 9106) with one lane in the thread that calls: WebAssembly where it is allowed, else JavaScript, which
 * takes three times as long and pauses every few milliseconds. Throws `usage/invalid-argument` and
 * `crypto/out-of-memory`.
 */
export const argon2idHere = async (job: Argon2Job): Promise<Uint8Array> => {
  checkArgon2(job)
  const { passphrase, salt, memory, passes } = job
  try {
    if (!(await hasWebAssembly())) {
      const options = { m: memory, t: passes, p: 1, dkLen: HASH_LENGTH, asyncTick: SLICE_MS }
      return await argon2idAsync(passphrase, salt, options)
    }
    return await argon2idWasm({
      password: passphrase,
      salt,
      memorySize: memory,
      iterations: passes,
      parallelism: 1,
      hashLength: HASH_LENGTH,
      outputType: 'binary',
    })
  } catch (cause) {
    // The arguments were checked, so what does not fit is the memory.
    if (cause instanceof RangeError) throw outOfMemory(memory, cause)
    throw cause
  }
}
