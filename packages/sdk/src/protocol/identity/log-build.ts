import { genesisOf, type IdentityKind, recoveryHashOf } from './address.ts'
import {
  type EntryBody,
  type EntryContent,
  encodeEntry,
  encodeGenesis,
  entryStatement,
  type SignerRole,
} from './log-entry.ts'
import { encodedLog } from './log-query.ts'
import { replayLog } from './log-replay.ts'
import type { IdentityLog } from './log-state.ts'
import type { Roots } from './phrase.ts'
import { publicKeyOf, signWith } from './signing.ts'

/** The log of a new identity: its genesis alone, a pure function of the phrase. */
export const createLog = (roots: Pick<Roots, 'root' | 'recovery'>, kind: IdentityKind = 'person'): Uint8Array[] => [
  encodeGenesis(genesisOf(roots.root.publicKey, recoveryHashOf(roots.recovery.publicKey), kind)),
]

/** The current holder of a role, and its 64-byte secret key. */
export interface EntrySigner {
  readonly role: SignerRole
  readonly secretKey: Uint8Array
}

/**
 * A log that was verified, with one more entry, encoded. `newSecretKey` is the secret half of a rotation's new key,
 * which signs too. Throws `identity/bad-log` for what the rules refuse: a device that was there before, a key that is
 * not current.
 */
export const appendEntry = (
  log: IdentityLog | readonly Uint8Array[],
  body: EntryBody,
  signer: EntrySigner,
  newSecretKey?: Uint8Array,
): Uint8Array[] => {
  const encoded = 'address' in log ? encodedLog(log) : log
  const known = 'address' in log ? log : undefined
  const content: EntryContent = {
    version: 1,
    index: encoded.length,
    previous: replayLog(encoded, known).draft.head,
    signer: signer.role,
    key: publicKeyOf(signer.secretKey),
    body,
  }
  const signed = entryStatement(content)
  const signature = signWith(signer.secretKey, signed)
  const proof = newSecretKey === undefined ? undefined : signWith(newSecretKey, signed)
  const longer = [...encoded, encodeEntry({ content, signature, proof })]
  replayLog(longer, known)
  return longer
}
