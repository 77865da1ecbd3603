import type { Proof } from '../../ports/transport.ts'
import { toHex } from '../../util/bytes.ts'
import type { Session } from './session.ts'

/** A proof that the link repeats on each connection. */
export interface HeldProof {
  readonly proof: Proof
  /** The connection on which the relay accepted it last. */
  shown?: Session
  /** Why the relay will not have it; such a proof is not repeated. */
  rejected?: unknown
}

/** Keys of one subject that are repeated: with the newest of them everything that can be read can be read. */
const PER_SUBJECT = 16

export class Proofs {
  /** By subject, then by key, the one that was asked for last at the end. */
  readonly #subjects = new Map<string, Map<string, HeldProof>>()

  /** The one that is held already, or a new one. */
  hold(proof: Proof): HeldProof {
    const subject = `${proof.kind} ${toHex(proof.subject)}`
    const keys = this.#subjects.get(subject) ?? new Map<string, HeldProof>()
    this.#subjects.set(subject, keys)
    const key = toHex(proof.publicKey)
    const held = keys.get(key) ?? { proof }
    // Asked for again, it counts as the newest: it is the one in use.
    keys.delete(key)
    keys.set(key, held)
    if (keys.size > PER_SUBJECT) keys.delete(keys.keys().next().value as string)
    return held
  }

  drop({ proof }: HeldProof): void {
    this.#subjects.get(`${proof.kind} ${toHex(proof.subject)}`)?.delete(toHex(proof.publicKey))
  }

  all(): readonly HeldProof[] {
    return [...this.#subjects.values()].flatMap((keys) => [...keys.values()])
  }
}
