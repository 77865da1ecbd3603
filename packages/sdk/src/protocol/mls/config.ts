import type { ClientConfig } from 'ts-mls/clientConfig.js'
import { defaultKeyPackageEqualityConfig } from 'ts-mls/keyPackageEqualityConfig.js'
import { isDchatError } from '../../errors.ts'
import { identityOf } from './credential.ts'
import type { LeafIdentity } from './engine.ts'
import { CallbackFailure } from './failures.ts'

/** True for every device that was ever certified: revocation is policy, a refusal here would block later joins. */
export type Certified = (identity: LeafIdentity) => Promise<boolean>

/**
 * - Retention: an entry of an earlier epoch counts for 64 entries and 4 commits (messages.md), so five epochs and
 *   enough generations for messages that arrive out of order.
 * - Lifetimes are the adder's matter: a check at receivers would lock out whoever was away.
 * - Padding is done by the wrap, in size classes.
 */
export const clientConfig = (certified: Certified): ClientConfig => ({
  keyRetentionConfig: { retainKeysForGenerations: 256, retainKeysForEpochs: 5, maximumForwardRatchetSteps: 1000 },
  lifetimeConfig: { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
  authService: {
    validateCredential: async (credential, signatureKey) => {
      let identity: LeafIdentity
      try {
        identity = identityOf(credential, signatureKey)
      } catch (error) {
        if (isDchatError(error)) return false
        throw error
      }
      try {
        return await certified(identity)
      } catch (error) {
        throw new CallbackFailure(error)
      }
    },
  },
})
