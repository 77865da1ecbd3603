import { isDchatError } from '../../errors.ts'
import { utf8 } from '../../util/bytes.ts'
import { type ContentFrame, encoded, single } from './compose.ts'
import { LISTING_MEDIA_TYPE, OFFER_MEDIA_TYPE, TEXT_MEDIA_TYPE } from './media-type.ts'
import { DISPOSITIONS, type NestedPart } from './mimi.ts'

/**
 * A step of an offer as MIMI content: the signed event, or for clients that do not know offers a sentence. 64 KiB at most
 * altogether; throws `protocol/too-large`. `listing`: the signed listing that the terms name, left out where it does not fit.
 */
export const composeOffer = (
  signed: Uint8Array,
  summary: string,
  frame: ContentFrame,
  listing?: Uint8Array,
): Uint8Array => {
  if (listing === undefined) return composed(signed, summary, frame)
  try {
    return composed(signed, summary, frame, single(LISTING_MEDIA_TYPE, listing, DISPOSITIONS.render))
  } catch (error) {
    if (!isDchatError(error, 'protocol/too-large')) throw error
    return composed(signed, summary, frame)
  }
}

/** Nobody chooses what stands behind the words: it is for those who read the first part. */
const composed = (
  signed: Uint8Array,
  summary: string,
  frame: ContentFrame,
  ...more: readonly NestedPart[]
): Uint8Array =>
  encoded(frame, {
    disposition: DISPOSITIONS.render,
    language: '',
    cardinality: 'multi',
    partSemantics: 'chooseOne',
    parts: [
      single(OFFER_MEDIA_TYPE, signed, DISPOSITIONS.render),
      single(TEXT_MEDIA_TYPE, utf8(summary), DISPOSITIONS.render),
      ...more,
    ],
  })
