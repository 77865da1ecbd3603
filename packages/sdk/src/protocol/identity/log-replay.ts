import { DchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import { LOG_ENTRIES_LIMIT, LOG_ENTRY_LIMIT } from '../wire/limits.ts'
import { decodeEntry, decodeGenesis, type EntryBody, entryStatement, type SignedEntry } from './log-entry.ts'
import { applyEntry, type Draft, type IdentityLog, startDraft } from './log-state.ts'

const bad = (reason: string) => new DchatError('identity/bad-log', { reason })

/** One signature that is still to be verified. */
export interface SignatureCheck {
  /** What to say if it does not verify. */
  readonly failure: string
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export interface Replayed {
  readonly draft: Draft
  readonly signatures: readonly SignatureCheck[]
}

const checkBounds = (encoded: readonly Uint8Array[]): void => {
  if (encoded.length === 0) throw bad('it is empty')
  if (encoded.length > LOG_ENTRIES_LIMIT) throw bad(`it has more than ${LOG_ENTRIES_LIMIT} entries`)
  const large = encoded.findIndex((entry) => entry.length > LOG_ENTRY_LIMIT)
  if (large >= 0) throw bad(`entry ${large} has more than ${LOG_ENTRY_LIMIT} bytes`)
}

/** How many entries are the same bytes as those of a log that was verified before. */
const commonPrefix = (encoded: readonly Uint8Array[], known: IdentityLog | undefined): number => {
  const entries = known?.entries ?? []
  const end = Math.min(entries.length, encoded.length)
  for (let i = 0; i < end; i++) if (!equalBytes(encoded[i] as Uint8Array, entries[i]?.encoded as Uint8Array)) return i
  return end
}

/** The key that a rotation brings; undefined for every other entry. */
const newKeyOf = (body: EntryBody): Uint8Array | undefined =>
  body.kind === 'rotate-root' || body.kind === 'rotate-recovery' ? body.key : undefined

const signaturesOf = ({ content, signature, proof }: SignedEntry): SignatureCheck[] => {
  const { index, key, body } = content
  const newKey = newKeyOf(body)
  if ((newKey === undefined) !== (proof === undefined))
    throw bad(`entry ${index}: a rotation, and nothing else, carries a second signature`)
  const message = entryStatement(content)
  const own = { failure: `entry ${index}: its signature does not verify`, key, message, signature }
  if (newKey === undefined || proof === undefined) return [own]
  const failure = `entry ${index}: the signature of the new key does not verify`
  return [own, { failure, key: newKey, message, signature: proof }]
}

/**
 * Checks everything that costs little, for all entries: bounds, encoding, hash chain and rules. What is left to verify
 * are the signatures of the entries that `known` does not hold. Throws `identity/bad-log`.
 */
export const replayLog = (encoded: readonly Uint8Array[], known?: IdentityLog): Replayed => {
  checkBounds(encoded)
  const shared = commonPrefix(encoded, known)
  const [first, ...rest] = encoded as [Uint8Array, ...Uint8Array[]]
  const draft = startDraft(known !== undefined && shared > 0 ? known.genesis : decodeGenesis(first), first)
  const signatures: SignatureCheck[] = []
  for (const [place, bytes] of rest.entries()) {
    const index = place + 1
    const before = index < shared ? known?.entries[index] : undefined
    if (before?.content !== undefined) {
      applyEntry(draft, before.content, bytes, before.hash)
      continue
    }
    const entry = decodeEntry(bytes, index)
    applyEntry(draft, entry.content, bytes)
    signatures.push(...signaturesOf(entry))
  }
  return { draft, signatures }
}
