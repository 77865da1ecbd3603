import { DchatError } from '../../errors.ts'
import { type IdentityLog, standingOf } from '../../protocol/identity/log.ts'
import type { EntrySigner } from '../../protocol/identity/log-build.ts'
import { rootsOf } from '../../protocol/identity/phrase.ts'
import { publicKeyOf } from '../../protocol/identity/signing.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { SelfKeeper } from '../self.ts'

/**
 * Who signs the next entry: the root key that this device holds, else one from the phrase; `first` is preferred where the
 * phrase is there, because an entry of the recovery key wins over any other at a fork. Throws `identity/needs-phrase`,
 * and `identity/bad-phrase` for a phrase that has no say in this identity.
 */
export const signerFor = (
  self: SelfKeeper,
  log: IdentityLog,
  phrase: string | undefined,
  { first = 'root' }: { readonly first?: EntrySigner['role'] } = {},
): EntrySigner => {
  const { rootSecret } = self.record
  const isHere = first === 'root' || phrase === undefined
  if (isHere && rootSecret !== undefined && equalBytes(publicKeyOf(rootSecret), log.currentRoot))
    return { role: 'root', secretKey: rootSecret }
  if (phrase === undefined) throw new DchatError('identity/needs-phrase', {})
  const roots = rootsOf(phrase)
  const { root, recovery } = standingOf(log, roots)
  const asRecovery = { role: 'recovery', secretKey: roots.recovery.secretKey } as const
  if (first === 'recovery' && recovery === 'current') return asRecovery
  if (root === 'current') return { role: 'root', secretKey: roots.root.secretKey }
  if (recovery === 'current') return asRecovery
  throw new DchatError('identity/bad-phrase', { reason: 'it is the phrase of another identity' })
}
