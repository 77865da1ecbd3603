import { equalBytes } from '../../util/bytes.ts'
import { LINK_CHANNEL, type LinkCode } from './link-code.ts'
import { type LinkAnswer, type LinkKeys, type LinkOffer, linkKeys } from './link-messages.ts'
import { pakeKey, pakePublic, pakeShared, pakeTag } from './link-pake.ts'

/** Nothing but the shares is authenticated with them: what the two say to each other comes sealed. */
const NO_DATA = new Uint8Array()

const inputsOf = ({ prs }: Pick<LinkCode, 'prs'>, sid: Uint8Array) => ({ prs, ci: LINK_CHANNEL, sid })

/** A pairing with a key that both sides are sure of once they have seen the other's tag. */
export interface Pairing {
  readonly keys: LinkKeys
  /** What this side shows. */
  readonly tag: Uint8Array
  /** What the other side has to show. */
  readonly expected: Uint8Array
}

/** The new device's first message for a secret scalar. */
export const beginPairing = (code: Pick<LinkCode, 'prs'>, sid: Uint8Array, scalar: Uint8Array): LinkOffer => ({
  sid,
  y: pakePublic(inputsOf(code, sid), scalar),
})

/** The old device's side; undefined for a share that is none. */
export const answerPairing = (
  code: Pick<LinkCode, 'prs'>,
  offer: LinkOffer,
  scalar: Uint8Array,
): { readonly answer: LinkAnswer; readonly pairing: Pairing } | undefined => {
  const shared = pakeShared(scalar, offer.y)
  if (shared === undefined) return undefined
  const y = pakePublic(inputsOf(code, offer.sid), scalar)
  const { newTag, oldTag, keys } = derive(offer, y, shared)
  return { answer: { y, tag: oldTag }, pairing: { keys, tag: oldTag, expected: newTag } }
}

/** The new device's side; undefined unless the old one has shown that it knows the secret. */
export const finishPairing = (offer: LinkOffer, scalar: Uint8Array, { y, tag }: LinkAnswer): Pairing | undefined => {
  const shared = pakeShared(scalar, y)
  if (shared === undefined) return undefined
  const { newTag, oldTag, keys } = derive(offer, y, shared)
  return isTag(oldTag, tag) ? { keys, tag: newTag, expected: oldTag } : undefined
}

const derive = ({ sid, y }: LinkOffer, theirs: Uint8Array, shared: Uint8Array) => {
  const [a, b] = [
    { y, ad: NO_DATA },
    { y: theirs, ad: NO_DATA },
  ]
  const key = pakeKey(sid, shared, a, b)
  return { keys: linkKeys(key), newTag: pakeTag(sid, key, a), oldTag: pakeTag(sid, key, b) }
}

/** A tag is made for one try alone, so the time of the comparison tells nothing that could be used. */
export const isTag = (expected: Uint8Array, tag: Uint8Array): boolean => equalBytes(expected, tag)
