import { createCommit } from 'ts-mls/createCommit.js'
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { handleOf, innerOf } from '../../protocol/mls/group.ts'
import { leafAt } from '../../protocol/mls/tree.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import { equalBytes } from '../../util/bytes.ts'
import { commitData, snapshotAfter } from './commits.ts'
import { commitEntry } from './frame.ts'
import type { HostileMember } from './member.ts'

type Hpke = CiphersuiteImpl['hpke']

/** Commits that pass every public check and fail for those who decrypt their path. */

/** Publishes random path keys and encrypts the true path secrets: nobody else can follow. */
export const evilPathKeys = (member: HostileMember): Promise<EntryUpload> => {
  let calls = 0
  return withHpke(member, (hpke) => ({
    // The first pair is the leaf's own.
    deriveKeyPair: (ikm) => (calls++ === 0 ? hpke.deriveKeyPair(ikm) : hpke.generateKeyPair()),
  }))
}

/**
 * Spoils the path secrets that are encrypted to the leaves of some devices: those alone cannot follow. Works as long as the
 * path is encrypted to leaves, as in a group where these devices have not committed since they joined.
 */
export const corruptedPath = (member: HostileMember, victims: readonly number[]): Promise<EntryUpload> => {
  const { ratchetTree } = innerOf(member.group).state
  const keys = victims.flatMap((leaf) => leafAt(ratchetTree, leaf)?.hpkePublicKey ?? [])
  return withHpke(member, (hpke, cs) => ({
    seal: async (publicKey, plaintext, info, aad) => {
      const sealed = await hpke.seal(publicKey, plaintext, info, aad)
      const exported = await cs.hpke.exportPublicKey(publicKey)
      if (keys.some((key) => equalBytes(key, exported))) sealed.ct[0] = (sealed.ct[0] ?? 0) ^ 1
      return sealed
    },
  }))
}

const withHpke = async (
  member: HostileMember,
  change: (hpke: Hpke, cs: CiphersuiteImpl) => Partial<Hpke>,
): Promise<EntryUpload> => {
  const inner = innerOf(member.group)
  const { cs, state } = inner
  const made = await createCommit(
    {
      state,
      cipherSuite: { ...cs, hpke: { ...cs.hpke, ...change(cs.hpke, cs) } },
      pskIndex: emptyPskIndex,
    },
    { wireAsPublicMessage: true, authenticatedData: commitData(member) },
  )
  const next = handleOf({ ...inner, state: made.newState, consumed: [] })
  const after = { next, snapshot: snapshotAfter(member, { kind: 'update' }) }
  return commitEntry(member, encodeMlsMessage(made.commit), after)
}
