import type { Crypto, Verifier } from '../../ports/crypto.ts'
import { fromHex } from '../../util/bytes.ts'
import { type OfferDraft, offerStatement, readOfferBody, type SignedOfferEvent, writeOfferBody } from './event.ts'

/** Signs a step by the device whose `seed` this is. Throws `protocol/malformed` for a draft that no reader would take. */
export const signOffer = async (
  crypto: Pick<Crypto, 'ed25519'>,
  seed: Uint8Array,
  draft: OfferDraft,
): Promise<SignedOfferEvent> => {
  const body = writeOfferBody(draft)
  return { event: readOfferBody(body), body, signature: await crypto.ed25519.sign(seed, offerStatement(body)) }
}

/** True if the device that the event names signed it. Whether that device is its author's is the identity log's word. */
export const isSignedOffer = (crypto: Verifier, { event, body, signature }: SignedOfferEvent): Promise<boolean> =>
  crypto.ed25519.verify(fromHex(event.device) as Uint8Array, offerStatement(body), signature)
