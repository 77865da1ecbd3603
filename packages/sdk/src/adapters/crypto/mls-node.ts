import { randomBytes } from 'node:crypto'
import type { MlsPrimitives } from '../../ports/crypto.ts'
import { nodeAesGcm } from './aes-gcm-node.ts'
import { nodeEd25519 } from './ed25519-node.ts'
import { nodeKdf, plain } from './kdf-node.ts'
import type { RandomBytes } from './kem.ts'
import { mlsSuites } from './mls-suites.ts'
import { nodeX25519, x25519Kem } from './x25519-node.ts'
import { xWingKem } from './xwing.ts'

export const nodeRandom: RandomBytes = (length) => plain(randomBytes(length))

/**
 * MLS cipher suites over `node:crypto`: everything small is synchronous beneath the asynchronous interface and keys
 * are imported once, which makes a message several times faster than with WebCrypto. It interoperates with it.
 * `seeded` replaces the system's source of randomness: for simulations.
 */
export const nodeMlsPrimitives = (seeded?: RandomBytes): MlsPrimitives => {
  const random = seeded ?? nodeRandom
  const keys = { secret: seeded === undefined }
  return mlsSuites({
    kdf: nodeKdf,
    aesGcm: nodeAesGcm,
    x25519: x25519Kem(seeded),
    xWing: xWingKem(nodeX25519(keys), random),
    ed25519: nodeEd25519(keys),
    random,
  })
}
