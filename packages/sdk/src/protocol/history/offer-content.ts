import { DchatError } from '../../errors.ts'
import type { Content } from '../../records/content.ts'
import { OFFER_EVENTS, type OfferEventType, REASONS, type Reason } from '../../records/offer.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import type { CborValue } from '../wire/cbor.ts'
import { isId, isText } from './fields.ts'

type OfferContent = Extract<Content, { type: 'offer' }>

const STEP_LIMIT = 128
const SUMMARY_LIMIT = 64 * 1024

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history', reason })

/** CBOR array [offer, event, step, summary, refused or null]. A step of a later version is its name in an array. */
export const offerValue = ({ offer, event, step, summary, refused }: OfferContent): CborValue => [
  fromHex(offer) as Uint8Array,
  fromHex(event) as Uint8Array,
  typeof step === 'string' ? step : [step.unknown],
  summary,
  refused ?? null,
]

/** Throws `protocol/malformed` only. */
export const offerOf = (value: unknown): OfferContent => {
  if (!Array.isArray(value) || value.length !== 5) throw malformed('step of an offer')
  const [offer, event, step, summary, refused] = value as unknown[]
  if (!isId(offer, 16) || !isId(event, 32) || !isText(summary, SUMMARY_LIMIT)) throw malformed('step of an offer')
  if (refused !== null && !REASONS.includes(refused as Reason)) throw malformed('reason')
  return {
    type: 'offer',
    offer: toHex(offer),
    event: toHex(event),
    step: stepOf(step),
    summary,
    ...(refused === null ? {} : { refused: refused as Reason }),
  }
}

const stepOf = (value: unknown): OfferContent['step'] => {
  if (OFFER_EVENTS.includes(value as OfferEventType)) return value as OfferEventType
  if (!Array.isArray(value) || value.length !== 1 || !isText(value[0], STEP_LIMIT)) throw malformed('step')
  return { unknown: value[0] }
}
