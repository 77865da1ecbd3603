import { DchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { LOG_ENTRIES_LIMIT, LOG_ENTRY_LIMIT } from '../wire/limits.ts'
import { genesisOf, type IdentityKind, recoveryHashOf } from './address.ts'
import {
  decodeEntry,
  decodeGenesis,
  type EntryBody,
  type EntryContent,
  encodeEntry,
  encodeGenesis,
  entryStatement,
  type SignedEntry,
  type SignerRole,
} from './log-entry.ts'
import { encodedLog } from './log-query.ts'
import { applyEntry, type Draft, finishDraft, type IdentityLog, startDraft } from './log-state.ts'
import type { Roots } from './phrase.ts'
import { publicKeyOf, signWith, verifyWith } from './signing.ts'

const bad = (reason: string) => new DchatError('identity/bad-log', { reason })

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

const isRotation = (body: EntryBody): body is Extract<EntryBody, { kind: 'rotate-root' | 'rotate-recovery' }> =>
  body.kind === 'rotate-root' || body.kind === 'rotate-recovery'

const checkSignatures = ({ content, signature, proof }: SignedEntry): void => {
  const { index, key, body } = content
  if (isRotation(body) !== (proof !== undefined))
    throw bad(`entry ${index}: a rotation, and nothing else, carries a second signature`)
  const signed = entryStatement(content)
  if (!verifyWith(key, signed, signature)) throw bad(`entry ${index}: its signature does not verify`)
  if (isRotation(body) && proof !== undefined && !verifyWith(body.key, signed, proof))
    throw bad(`entry ${index}: the signature of the new key does not verify`)
}

/**
 * Verifies a whole log: bounds, encoding, hash chain, rules and signatures (PROTOCOL.md 2). What costs little is
 * checked first for all entries. `known` is a verified log of the same identity: entries that both share are not
 * verified again (a signature takes some milliseconds). `address` is the one that the caller asked for.
 * Throws `identity/bad-log`, nothing else.
 */
export const verifyLog = (
  encoded: readonly Uint8Array[],
  options: { readonly known?: IdentityLog | undefined; readonly address?: Address | undefined } = {},
): IdentityLog => {
  checkBounds(encoded)
  const { known, address } = options
  const shared = commonPrefix(encoded, known)
  const log = known !== undefined && shared === encoded.length && shared === known.entries.length ? known : undefined
  const verified = log ?? replay(encoded, shared, known)
  if (address !== undefined && verified.address !== address) throw bad('it belongs to another address')
  return verified
}

const replay = (encoded: readonly Uint8Array[], shared: number, known: IdentityLog | undefined): IdentityLog => {
  const [first, ...rest] = encoded as [Uint8Array, ...Uint8Array[]]
  const draft = startDraft(shared > 0 && known !== undefined ? known.genesis : decodeGenesis(first), first)
  const unverified: SignedEntry[] = []
  for (const [place, bytes] of rest.entries()) {
    const index = place + 1
    const content = index < shared ? known?.entries[index]?.content : undefined
    if (content !== undefined) {
      applyEntry(draft, content, bytes)
      continue
    }
    const entry = decodeEntry(bytes, index)
    applyEntry(draft, entry.content, bytes)
    unverified.push(entry)
  }
  unverified.forEach(checkSignatures)
  return finishDraft(draft)
}

/** The log of a new identity: its genesis alone, a pure function of the phrase. */
export const createLog = (roots: Pick<Roots, 'root' | 'recovery'>, kind: IdentityKind = 'person'): Uint8Array[] => [
  encodeGenesis(genesisOf(roots.root.publicKey, recoveryHashOf(roots.recovery.publicKey), kind)),
]

/** The current holder of a role, and its 64-byte secret key. */
export interface EntrySigner {
  readonly role: SignerRole
  readonly secretKey: Uint8Array
}

const replayUnsigned = (encoded: readonly Uint8Array[]): Draft => {
  checkBounds(encoded)
  const [first, ...rest] = encoded as [Uint8Array, ...Uint8Array[]]
  const draft = startDraft(decodeGenesis(first), first)
  for (const [place, bytes] of rest.entries()) applyEntry(draft, decodeEntry(bytes, place + 1).content, bytes)
  return draft
}

/**
 * The log (one that was verified) with one more entry, encoded. `newSecretKey` is the secret half of a rotation's new
 * key, which signs too. Throws `identity/bad-log` for what the rules refuse: a device that was there before, a key that
 * is not current.
 */
export const appendEntry = (
  log: IdentityLog | readonly Uint8Array[],
  body: EntryBody,
  signer: EntrySigner,
  newSecretKey?: Uint8Array,
): Uint8Array[] => {
  const encoded = 'address' in log ? encodedLog(log) : log
  const draft = replayUnsigned(encoded)
  const content: EntryContent = {
    version: 1,
    index: encoded.length,
    previous: draft.head,
    signer: signer.role,
    key: publicKeyOf(signer.secretKey),
    body,
  }
  const signed = entryStatement(content)
  const signature = signWith(signer.secretKey, signed)
  const proof = newSecretKey === undefined ? undefined : signWith(newSecretKey, signed)
  if ((proof !== undefined) !== isRotation(body))
    throw bad('a rotation, and nothing else, is signed by the new key too')
  const longer = [...encoded, encodeEntry({ content, signature, proof })]
  replayUnsigned(longer)
  return longer
}
