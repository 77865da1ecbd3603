import {
  createIdentity,
  type NewIdentity,
  type RestoredIdentity,
  restoreIdentity,
} from '../../protocol/identity/identity.ts'
import { seededRandom } from './random.ts'

const made = new Map<string, NewIdentity>()
const restored = new Map<string, RestoredIdentity>()

/**
 * The identity of a name in simulations, the same whatever the seed. A recovery phrase costs 50 ms by design, so each is
 * made once per process.
 */
export const identityOf = (name: string): NewIdentity => {
  const known = made.get(name)
  if (known) return known
  const { bytes } = seededRandom(`identity/${name}`)
  const identity = createIdentity({ random: bytes })
  made.set(name, identity)
  return identity
}

/** The same from its phrase alone, as a further device gets it. */
export const restoredIdentityOf = (name: string): RestoredIdentity => {
  const known = restored.get(name)
  if (known) return known
  const identity = restoreIdentity(identityOf(name).recoveryPhrase)
  restored.set(name, identity)
  return identity
}
