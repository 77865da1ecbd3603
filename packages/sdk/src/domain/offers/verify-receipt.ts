import { isDchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { deviceOf, type IdentityLog, verifyLogAsync } from '../../protocol/identity/log.ts'
import { offerCommitment } from '../../protocol/offers/commitment.ts'
import { decodeSignedOffer, encodeSignedOffer } from '../../protocol/offers/event.ts'
import {
  badReceipt,
  decodeOfferReceipt,
  type OfferReceiptFile,
  type ReceiptStep,
} from '../../protocol/offers/receipt-file.ts'
import { isSignedOffer } from '../../protocol/offers/sign.ts'
import { entryHash } from '../../protocol/topic/entry.ts'
import { verifyReceipt } from '../../protocol/topic/receipt.ts'
import type { Address } from '../../records/ids.ts'
import type { OfferEvent, Terms } from '../../records/offer.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { step } from './reduce.ts'
import { type Deal, type OfferThread, partiesOf } from './thread.ts'

/** A receipt that holds: what was agreed, by whom, and whose word the times are. */
export interface VerifiedReceipt {
  readonly terms: Terms
  readonly deal: Deal
  readonly thread: OfferThread
  readonly parties: readonly Address[]
  readonly steps: readonly {
    readonly event: OfferEvent
    /** ms since 1970, by the word of this relay alone: a relay may back-date within the order of its topic. */
    readonly acceptedAt: number
    readonly relay: { readonly key: string; readonly url: string }
    /** The log in the file revokes the device that signed; whether before or after is not in a receipt. */
    readonly revoked: boolean
  }[]
}

type Verifier = Pick<Crypto, 'ed25519'>

/**
 * Verifies a receipt by itself: no network, no clock, no store. Rejects with `offer/bad-receipt`, which names the field
 * that does not hold.
 */
export const verifyOfferReceipt = async (crypto: Verifier, encoded: Uint8Array): Promise<VerifiedReceipt> => {
  const file = decodeOfferReceipt(encoded)
  const people = await peopleOf(crypto, file)
  const steps: Checked[] = []
  for (const [i, one] of file.steps.entries()) steps.push(await checkStep(crypto, file, people, one, `steps[${i}]`))
  checkOrder(steps)
  checkMentioned(file, steps)
  const { thread, deal } = replayed(file, steps)
  const revision = thread.revisions.find(({ id }) => id === deal.revision) as OfferThread['revisions'][number]
  return {
    terms: revision.terms,
    deal,
    thread,
    parties: partiesOf(thread, deal),
    steps: steps.map(({ event, receipt, relay, revoked }) => ({ event, acceptedAt: receipt.time, relay, revoked })),
  }
}

interface Checked {
  readonly at: string
  readonly event: OfferEvent
  readonly receipt: ReceiptStep['receipt']
  readonly relay: { readonly key: string; readonly url: string }
  readonly head: Uint8Array
  readonly revoked: boolean
}

const reasonOf = (error: unknown): string => {
  if (!isDchatError(error)) throw error
  return 'reason' in error.details ? String(error.details.reason) : error.message
}

const peopleOf = async (crypto: Verifier, file: OfferReceiptFile): Promise<ReadonlyMap<Address, IdentityLog>> => {
  const logs = new Map<Address, IdentityLog>()
  let before = ''
  for (const [i, { address, log }] of file.people.entries()) {
    if (address <= before)
      throw badReceipt(`people[${i}].address`, 'people stand in the order of their addresses, once each')
    before = address
    const verified = await verifyLogAsync(crypto, log, { address }).catch((error: unknown) => {
      throw badReceipt(`people[${i}].log`, reasonOf(error), error)
    })
    logs.set(address, verified)
  }
  return logs
}

const checkStep = async (
  crypto: Verifier,
  { relays }: OfferReceiptFile,
  people: ReadonlyMap<Address, IdentityLog>,
  { offer, relay: index, epoch, reference, body, salt, receipt }: ReceiptStep,
  at: string,
): Promise<Checked> => {
  const signed = signedOf(offer, `${at}.offer`)
  const { event } = signed
  const log = people.get(event.author)
  if (log === undefined) throw badReceipt(`${at}.offer`, 'its author is not among the people of the receipt')
  const device = deviceOf(log, fromHex(event.device) as Uint8Array)
  if (device === undefined) throw badReceipt(`${at}.offer`, 'its device is not certified by its author')
  if (!(await isSignedOffer(crypto, signed))) throw badReceipt(`${at}.offer`, 'the signature is not of its device')
  const relay = relays[index]
  if (relay === undefined) throw badReceipt(`${at}.relay`, 'there is no such relay in the receipt')
  if (!equalBytes(body.subarray(0, 32), offerCommitment(event.id, salt)))
    throw badReceipt(`${at}.body`, 'it does not commit to the event')
  const { topic, kind } = receipt
  if (!equalBytes(entryHash({ topic, kind, epoch, reference, body }), receipt.entry))
    throw badReceipt(`${at}.receipt`, 'it is for another entry')
  const head = await verifyReceipt(crypto, relay.key, receipt, relay.url).catch((error: unknown) => {
    throw badReceipt(`${at}.receipt`, reasonOf(error), error)
  })
  return {
    at,
    event,
    receipt,
    relay: { key: toHex(relay.key), url: relay.url },
    head,
    revoked: device.revokedAt !== undefined,
  }
}

const signedOf = (offer: Uint8Array, at: string) => {
  try {
    const signed = decodeSignedOffer(offer)
    if (equalBytes(encodeSignedOffer(signed), offer)) return signed
  } catch (error) {
    throw badReceipt(at, reasonOf(error), error)
  }
  throw badReceipt(at, 'it has another form')
}

/** What a relay must never sign: two entries at one place, a time that runs back, a head that does not follow. */
const checkOrder = (steps: readonly Checked[]): void => {
  const latest = new Map<string, Checked>()
  for (const now of steps) {
    const topic = toHex(now.receipt.topic)
    const before = latest.get(topic)
    latest.set(topic, now)
    if (before === undefined) continue
    const { seq, time, previous } = now.receipt
    const who = `the relay ${now.relay.url}`
    if (seq === before.receipt.seq)
      throw badReceipt(
        `${now.at}.receipt`,
        equalBytes(now.head, before.head)
          ? 'it stands in the receipt twice'
          : `${who} signed two entries for one place`,
      )
    if (seq < before.receipt.seq) throw badReceipt(`${now.at}.receipt`, 'it stands before the step above')
    if (time < before.receipt.time) throw badReceipt(`${now.at}.receipt`, `the time of ${who} runs backwards`)
    if (seq === before.receipt.seq + 1 && !equalBytes(previous, before.head))
      throw badReceipt(`${now.at}.receipt`, `${who} signed two histories`)
  }
}

/** One form only: nobody and no relay in the file that no step names, relays in the order of their first step. */
const checkMentioned = ({ people, relays, steps: given }: OfferReceiptFile, steps: readonly Checked[]): void => {
  const authors = new Set(steps.map(({ event }) => event.author))
  const nobody = people.findIndex(({ address }) => !authors.has(address))
  if (nobody >= 0) throw badReceipt(`people[${nobody}]`, 'no step is theirs')
  const order = [...new Set(given.map(({ relay }) => relay))]
  if (order.some((relay, i) => relay !== i)) throw badReceipt('relays', 'they do not stand in the order of their steps')
  if (order.length < relays.length) throw badReceipt(`relays[${order.length}]`, 'no step is receipted by it')
}

/** The rules judge the steps as everybody in the conversation did; each of them must have counted. */
const replayed = (
  { deal: wanted }: OfferReceiptFile,
  steps: readonly Checked[],
): { thread: OfferThread; deal: Deal } => {
  let thread: OfferThread | undefined
  for (const [place, { at, event, receipt }] of steps.entries()) {
    if (thread !== undefined && event.thread !== thread.id) throw badReceipt(`${at}.offer`, 'it is of another thread')
    const result = step(thread, { event, place, acceptedAt: receipt.time })
    if (result.decision.kind !== 'applied') {
      const why = result.decision.kind === 'refused' ? result.decision.reason : result.decision.kind
      throw badReceipt(`${at}.offer`, `it did not count (${why})`)
    }
    thread = result.thread
  }
  const deal = thread?.deals.find(({ id }) => id === toHex(wanted))
  if (thread === undefined || deal === undefined) throw badReceipt('deal', 'none of the steps made it')
  if (deal.agreedAt === undefined) throw badReceipt('deal', 'it was never agreed')
  return { thread, deal }
}
