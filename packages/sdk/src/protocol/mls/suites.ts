import type { CiphersuiteImpl, CiphersuiteName } from 'ts-mls/crypto/ciphersuite.js'
import type { Crypto, MlsPrimitives } from '../../ports/crypto.ts'
import { SUITES, type Suite } from './engine.ts'

/**
 * The library's names. Its number for X-Wing (83) is private and moves with its versions, so our own name is what is
 * stored and published (groups.md).
 */
export const MLS_NAMES = {
  'dm-xwing-aes256': 'MLS_256_XWING_AES256GCM_SHA512_Ed25519',
  'group-x25519-aes128': 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
} as const satisfies Record<Suite, CiphersuiteName>

export const suiteOf = (name: CiphersuiteName): Suite | undefined => SUITES.find((suite) => MLS_NAMES[suite] === name)

/** Bytes of an HPKE public key and of a KEM output of each suite. */
export const SIZES: Record<Suite, { publicKey: number; kemOutput: number; secret: number }> = {
  'dm-xwing-aes256': { publicKey: 1216, kemOutput: 1120, secret: 64 },
  'group-x25519-aes128': { publicKey: 32, kemOutput: 32, secret: 32 },
}

export type LoadSuite = (suite: Suite) => Promise<CiphersuiteImpl>

/** Loads each suite's implementation once. */
export const suiteLoader = (crypto: MlsPrimitives | Crypto): LoadSuite => {
  const primitives = 'mls' in crypto ? crypto.mls : crypto
  const loaded = new Map<Suite, Promise<CiphersuiteImpl>>()
  return (suite) => {
    const known = loaded.get(suite)
    if (known !== undefined) return known
    const loading = primitives.suite(MLS_NAMES[suite]) as Promise<CiphersuiteImpl>
    loaded.set(suite, loading)
    loading.catch(() => loaded.delete(suite))
    return loading
  }
}
