import { argon2idAsync } from '@noble/hashes/argon2.js'
import { argon2id as argon2idWasm } from 'hash-wasm'
import { DchatError } from '../../errors.ts'

export interface Argon2Job {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
  /** KiB. */
  readonly memory: number
  readonly passes: number
}

const HASH_LENGTH = 32
const SLICE_MS = 10

/** RFC 9106 3.1; the limits of a 32-bit address space and of argon2's own numbers. */
const check = ({ passphrase, salt, memory, passes }: Argon2Job): void => {
  const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })
  if (passphrase.length === 0) throw refuse('passphrase', 'it is empty')
  if (salt.length < 8) throw refuse('salt', 'it has less than 8 bytes')
  if (!Number.isInteger(memory) || memory < 8 || memory > 2 ** 22) throw refuse('memory', 'it is 8 KiB to 4 GiB')
  if (!Number.isInteger(passes) || passes < 1 || passes >= 2 ** 32) throw refuse('passes', 'it is a number from 1')
}

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
  check(job)
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
    if (cause instanceof RangeError) throw new DchatError('crypto/out-of-memory', { memory }, { cause })
    throw cause
  }
}
