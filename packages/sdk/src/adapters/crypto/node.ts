import type { Crypto } from '../../ports/crypto.ts'
import { nodeAesGcm } from './aes-gcm-node.ts'
import { aeadOf, boxOf } from './box.ts'
import { nodeEd25519 } from './ed25519-node.ts'
import { nodeKdf } from './kdf-node.ts'
import type { RandomBytes } from './kem.ts'
import { nodeMlsPrimitives, nodeRandom } from './mls-node.ts'
import { nodeX25519 } from './x25519-node.ts'
import { xWingKem } from './xwing.ts'

export interface NodeCryptoOptions {
  /** Replaces the system's source of randomness everywhere, ephemeral keys included: for simulations, never for people. */
  readonly random?: RandomBytes
}

/** The crypto port over `node:crypto`; argon2id in WebAssembly. */
export const nodeCrypto = ({ random }: NodeCryptoOptions = {}): Crypto => {
  const aes = nodeAesGcm(32)
  const keys = { secret: random === undefined }
  return {
    random: random ?? nodeRandom,
    ed25519: nodeEd25519(keys),
    aead: aeadOf(aes),
    box: boxOf(xWingKem(nodeX25519(keys), random ?? nodeRandom), nodeKdf('sha256'), aes),
    argon2id: async (passphrase, salt, { memory, passes }) =>
      (await import('./argon2.ts')).argon2idHere({ passphrase, salt, memory, passes }),
    mls: nodeMlsPrimitives(random),
  }
}
