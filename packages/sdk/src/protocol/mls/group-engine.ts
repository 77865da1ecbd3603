import type { Crypto, MlsPrimitives } from '../../ports/crypto.ts'
import { commit } from './commit.ts'
import { type Certified, clientConfig } from './config.ts'
import type { GroupEngine } from './engine.ts'
import { exportSecret, publicState, readGroupInfo } from './export.ts'
import { forget, innerOf } from './group.ts'
import { create, externalCommit, join } from './join.ts'
import { createKeyPackage, readKeyPackage } from './key-package.ts'
import { decrypt, encrypt } from './messages.ts'
import { rebase } from './ratchets.ts'
import { decodeGroup, encodeGroup, haveSameTrees } from './state.ts'
import { suiteLoader } from './suites.ts'

/** Of the commits of others. */
export type Judging = typeof import('./judging.ts')

export interface GroupEngineOptions {
  /** The platform's primitives, or the whole crypto port. */
  readonly crypto: MlsPrimitives | Crypto
  /**
   * Whether a device was ever certified by the identity log of its address. What it throws reaches the caller
   * untouched. Default: every well-formed credential is accepted.
   */
  readonly certified?: Certified
}

/**
 * The `GroupEngine` over the repaired ts-mls. It reads no clock and stores nothing. `judging` brings what the commits of
 * others take: no first message waits for it.
 */
export const groupEngineWith = (
  judging: () => Promise<Judging>,
  { crypto, certified = async () => true }: GroupEngineOptions,
): GroupEngine => {
  const load = suiteLoader(crypto)
  const config = clientConfig(certified)
  return {
    createKeyPackage: async (suite, identity, seed, options) =>
      createKeyPackage(await load(suite), suite, identity, seed, options),
    readKeyPackage: (bytes) => readKeyPackage(load, bytes),
    create: (id, own) => create(load, config, id, own),
    join: (welcome, tree, own) => join(load, config, welcome, tree, own),
    commit,
    judge: async (group, bytes, permits) => {
      const { judge } = await judging()
      const { state, suite, cs } = innerOf(group)
      return judge(state, suite, cs, bytes, permits)
    },
    apply: async (group, bytes, verdict) => (await judging()).apply(group, bytes, verdict),
    encrypt,
    decrypt,
    publicState,
    readGroupInfo,
    externalCommit: (shared, own, authenticatedData) => externalCommit(load, config, shared, own, authenticatedData),
    exportSecret,
    rebase,
    forget,
    encode: encodeGroup,
    haveSameTrees,
    decode: (encoded, suite) => decodeGroup(load, config, encoded, suite),
  }
}
