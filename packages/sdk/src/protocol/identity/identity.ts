import { DchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { systemRandom } from '../../util/system-random.ts'
import { addressOf, genesisOf, type IdentityKind, recoveryHashOf } from './address.ts'
import { standingOf } from './log-query.ts'
import type { IdentityLog } from './log-state.ts'
import { createPhrase, normalisePhrase, type Roots, rootsOf } from './phrase.ts'

/**
 * An identity in the hand of its owner. `recoveryPhrase` and `roots` are secrets: they are not enumerable, so neither
 * JSON, a spread nor an inspector shows them.
 */
export interface Identity {
  readonly address: Address
  readonly kind: IdentityKind
  /** `restored`: the identity may have a log at its relays, with devices and contacts. */
  readonly origin: 'new' | 'restored'
  /** Milliseconds since 1970, burner identities only: the keystore deletes it then. Nothing on the wire shows it. */
  readonly expiresAt?: number
  readonly recoveryPhrase: string
  readonly roots: Roots
}

export interface NewIdentity extends Identity {
  readonly origin: 'new'
}

export interface RestoredIdentity extends Identity {
  readonly origin: 'restored'
}

const withSecrets = <I extends Identity>(
  shown: Omit<I, 'recoveryPhrase' | 'roots'>,
  recoveryPhrase: string,
  roots: Roots,
): I =>
  Object.defineProperties(shown, {
    recoveryPhrase: { value: recoveryPhrase },
    roots: { value: roots },
    toJSON: { value: () => ({ address: shown.address }) },
  }) as I

const ownAddress = ({ root, recovery }: Roots, kind: IdentityKind): Address =>
  addressOf(genesisOf(root.publicKey, recoveryHashOf(recovery.publicKey), kind))

/** A new identity, offline. One with `expiresAt` is a burner: its keys have nothing in common with any other's. */
export const createIdentity = (
  options: {
    /** Default: the platform's source of randomness. */
    readonly random?: (length: number) => Uint8Array
    readonly kind?: IdentityKind
    readonly expiresAt?: number
  } = {},
): NewIdentity => {
  const { random = systemRandom, kind = 'person', expiresAt } = options
  const phrase = createPhrase(random)
  const roots = rootsOf(phrase)
  const address = ownAddress(roots, kind)
  const shown = { address, kind, origin: 'new' as const, ...(expiresAt === undefined ? {} : { expiresAt }) }
  return withSecrets<NewIdentity>(shown, phrase, roots)
}

/**
 * Brings an identity back from its phrase alone. A phrase that came into force by rotation does not hold the address:
 * give the log that a relay found by its keys (`identity.get` with `key`). Throws `identity/bad-phrase`, and
 * `identity/untrusted-key` if neither key of the phrase is current in `log`.
 */
export const restoreIdentity = (
  phrase: string,
  options: { readonly kind?: IdentityKind; readonly log?: IdentityLog } = {},
): RestoredIdentity => {
  const normal = normalisePhrase(phrase)
  const roots = rootsOf(normal)
  const { log } = options
  if (log !== undefined) {
    const { root, recovery } = standingOf(log, roots)
    if (root !== 'current' && recovery !== 'current')
      throw new DchatError('identity/untrusted-key', {
        subject: 'this recovery phrase',
        reason: root === 'past' || recovery === 'past' ? 'it was replaced by a newer one' : 'it is of another identity',
      })
  }
  const kind = log?.genesis.kind ?? options.kind ?? 'person'
  const shown = { address: log?.address ?? ownAddress(roots, kind), kind, origin: 'restored' as const }
  return withSecrets<RestoredIdentity>(shown, normal, roots)
}
