import { DchatError } from '../../errors.ts'

export interface Argon2Job {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
  /** KiB. */
  readonly memory: number
  readonly passes: number
}

/** RFC 9106 3.1; the limits of a 32-bit address space and of argon2's own numbers. */
export const checkArgon2 = ({ passphrase, salt, memory, passes }: Argon2Job): void => {
  const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })
  if (passphrase.length === 0) throw refuse('passphrase', 'it is empty')
  if (salt.length < 8) throw refuse('salt', 'it has less than 8 bytes')
  if (!Number.isInteger(memory) || memory < 8 || memory > 2 ** 22) throw refuse('memory', 'it is 8 KiB to 4 GiB')
  if (!Number.isInteger(passes) || passes < 1 || passes >= 2 ** 32) throw refuse('passes', 'it is a number from 1')
}

/** `memory` in KiB. */
export const outOfMemory = (memory: number, cause?: unknown): DchatError =>
  new DchatError('crypto/out-of-memory', { mebibytes: Math.ceil(memory / 1024) }, { cause })
