import { DchatError } from '../../errors.ts'
import { type IdentityLog, standingOf } from '../../protocol/identity/log.ts'
import type { EntrySigner } from '../../protocol/identity/log-build.ts'
import { rootsOf } from '../../protocol/identity/phrase.ts'
import { publicKeyOf } from '../../protocol/identity/signing.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { SelfKeeper } from '../self.ts'

/**
 * Who signs the next entry: the root key that this device holds, else one from the phrase. Throws `identity/needs-phrase`,
 * and `identity/bad-phrase` for a phrase that has no say in this identity.
 */
export const signerFor = (self: SelfKeeper, log: IdentityLog, phrase: string | undefined): EntrySigner => {
  const { rootSecret } = self.record
  if (rootSecret !== undefined && equalBytes(publicKeyOf(rootSecret), log.currentRoot))
    return { role: 'root', secretKey: rootSecret }
  if (phrase === undefined) throw new DchatError('identity/needs-phrase', {})
  const roots = rootsOf(phrase)
  const { root, recovery } = standingOf(log, roots)
  if (root === 'current') return { role: 'root', secretKey: roots.root.secretKey }
  if (recovery === 'current') return { role: 'recovery', secretKey: roots.recovery.secretKey }
  throw new DchatError('identity/bad-phrase', { reason: 'it is the phrase of another identity' })
}
