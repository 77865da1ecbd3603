import { DchatError } from '../../errors.ts'
import type { Verifier } from '../../ports/crypto.ts'
import type { Address } from '../../records/ids.ts'
import { replayLog } from './log-replay.ts'
import { type Draft, finishDraft, type IdentityLog } from './log-state.ts'
import { isCanonical, verifyWith } from './signing.ts'

export interface VerifyOptions {
  /** A verified log of the same identity: entries that both share are not verified again. */
  readonly known?: IdentityLog | undefined
  /** The address that was asked for. */
  readonly address?: Address | undefined
}

const bad = (reason: string) => new DchatError('identity/bad-log', { reason })

const finish = (draft: Draft, { address }: VerifyOptions): IdentityLog => {
  const log = finishDraft(draft)
  if (address !== undefined && log.address !== address) throw bad('it belongs to another address')
  return log
}

/**
 * Verifies a whole log: bounds, encoding, hash chain, rules and signatures (identity.md). What costs little is
 * checked first for all entries; a signature then takes some milliseconds, because tweetnacl is synchronous and the
 * same everywhere. A log of unknown length from a stranger is better given to `verifyLogAsync`.
 * Throws `identity/bad-log`, nothing else.
 */
export const verifyLog = (encoded: readonly Uint8Array[], options: VerifyOptions = {}): IdentityLog => {
  const { draft, signatures } = replayLog(encoded, options.known)
  const log = finish(draft, options)
  for (const { key, message, signature, failure } of signatures)
    if (!verifyWith(key, message, signature)) throw bad(failure)
  return log
}

/**
 * The same with the platform's Ed25519, some fifty times faster. The longest log that the bounds allow would hold up
 * the synchronous one for seconds. Rejects with `identity/bad-log`.
 */
export const verifyLogAsync = async (
  crypto: Verifier,
  encoded: readonly Uint8Array[],
  options: VerifyOptions = {},
): Promise<IdentityLog> => {
  const { draft, signatures } = replayLog(encoded, options.known)
  const log = finish(draft, options)
  for (const { key, message, signature, failure } of signatures)
    if (!isCanonical(signature) || !(await crypto.ed25519.verify(key, message, signature))) throw bad(failure)
  return log
}

/**
 * Reads a log from one's own store that was verified before it was put there: everything but the signatures is
 * checked again. Never for a log that came from anybody else. Throws `identity/bad-log`.
 */
export const reopenLog = (encoded: readonly Uint8Array[]): IdentityLog => finishDraft(replayLog(encoded).draft)
