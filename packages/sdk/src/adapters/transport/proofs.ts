import { DchatError, isDchatError } from '../../errors.ts'
import type { Log } from '../../ports/log.ts'
import type { Proof } from '../../ports/transport.ts'
import { linkProofBytes } from '../../protocol/wire/proof.ts'
import type { RelayUrl } from '../../records/ids.ts'
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

export interface ProofsOptions {
  readonly relay: RelayUrl
  readonly nextId: () => number
  readonly log: Log | undefined
}

/** Keys of one subject that are repeated: with the newest of them everything that can be read can be read. */
const PER_SUBJECT = 16

/** The keys whose possession a link shows. */
export class Proofs {
  readonly #options: ProofsOptions
  /** By subject, then by key, the one that was asked for last at the end. */
  readonly #subjects = new Map<string, Map<string, HeldProof>>()

  constructor(options: ProofsOptions) {
    this.#options = options
  }

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

  all(): readonly HeldProof[] {
    return [...this.#subjects.values()].flatMap((keys) => [...keys.values()])
  }

  /** Shows one on a connection. One that the relay refuses for good is given up. */
  async show(session: Session, held: HeldProof, signal: AbortSignal | undefined): Promise<void> {
    const { welcome } = session
    if (!welcome)
      throw new DchatError('transport/unreachable', { relay: this.#options.relay, reason: 'it sent no welcome' })
    const { kind, subject, publicKey } = held.proof
    try {
      const signature = await held.proof.sign(linkProofBytes(welcome.relayKey, welcome.challenge, kind, subject))
      await session.request(this.#options.nextId(), 'link.prove', { kind, subject, publicKey, signature }, signal)
      held.shown = session
    } catch (error) {
      signal?.throwIfAborted()
      if (!isDchatError(error) || !error.retryable) {
        held.rejected = error
        this.#subjects.get(`${kind} ${toHex(subject)}`)?.delete(toHex(publicKey))
      }
      throw error
    }
  }

  /** Shows all on a new connection; rejects if one failed that may pass on another. */
  async repeat(session: Session, signal: AbortSignal | undefined): Promise<void> {
    await Promise.all(
      this.all().map((held) =>
        // A signal for each: platforms warn about one that very many listen to.
        this.show(session, held, signal && AbortSignal.any([signal])).catch((error: unknown) => {
          if (!('rejected' in held)) throw error
          this.#options.log?.warn('link.proof-refused', { kind: held.proof.kind })
        }),
      ),
    )
  }
}
