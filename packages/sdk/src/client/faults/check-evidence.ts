import { verifyWith } from '../../protocol/identity/signing.ts'
import { findLies, type VerifiedEvidence } from '../../protocol/topic/evidence.ts'

/** Verifies evidence with nothing but this code: the same in Node and in browsers, wherever WebCrypto is missing too. */
export const checkEvidence = (files: readonly Uint8Array[]): Promise<VerifiedEvidence> =>
  findLies({ ed25519: { verify: async (key, message, signature) => verifyWith(key, message, signature) } }, files)
