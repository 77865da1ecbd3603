import { isDchatError } from '../../errors.ts'
import type { Verifier } from '../../ports/crypto.ts'
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
    /** The key of that relay, hexadecimal. */
    readonly relay: string
    /** The log in the file revokes the device that signed; whether before or after is not in a receipt. */
    readonly revoked: boolean
  }[]
}

/**
 * Verifies a receipt by itself: no network, no clock, no store. Rejects with `offer/bad-receipt`, which names the field
 * that does not hold. `beside` are receipts of others, each of which has to hold too (`beside[0].…`): a relay that told them
 * another history is named.
 */
export const verifyOfferReceipt = async (
  crypto: Verifier,
  encoded: Uint8Array,
  beside: readonly Uint8Array[] = [],
): Promise<VerifiedReceipt> => {
  const { file, steps } = await checkFile(crypto, encoded)
  const { thread, deal } = replayed(file, steps)
  const all = [...steps]
  for (const [i, other] of beside.entries()) all.push(...(await besides(crypto, other, `beside[${i}]`)))
  checkHistories(all)
  const revision = thread.revisions.find(({ id }) => id === deal.revision) as OfferThread['revisions'][number]
  return {
    terms: revision.terms,
    deal,
    thread,
    parties: partiesOf(thread, deal),
    steps: steps.map(({ event, receipt, relay, revoked }) => ({ event, acceptedAt: receipt.time, relay, revoked })),
  }
}

const checkFile = async (crypto: Verifier, encoded: Uint8Array) => {
  const file = decodeOfferReceipt(encoded)
  const people = await peopleOf(crypto, file)
  const steps: Checked[] = []
  for (const [i, one] of file.steps.entries()) steps.push(await checkStep(crypto, file, people, one, `steps[${i}]`))
  checkOrder(steps)
  checkMentioned(file, steps)
  return { file, steps }
}

/** The steps of somebody else's receipt, which holds. */
const besides = async (crypto: Verifier, encoded: Uint8Array, name: string): Promise<readonly Checked[]> => {
  try {
    const { file, steps } = await checkFile(crypto, encoded)
    replayed(file, steps)
    return steps.map((step) => ({ ...step, at: `${name}.${step.at}` }))
  } catch (error) {
    if (!isDchatError(error, 'offer/bad-receipt')) throw error
    const { field, reason } = error.details
    throw badReceipt(
      field
        .split(' or ')
        .map((one) => `${name}.${one}`)
        .join(' or '),
      reason,
      error,
    )
  }
}

interface Checked {
  readonly at: string
  readonly event: OfferEvent
  readonly receipt: ReceiptStep['receipt']
  readonly relay: string
  readonly head: Uint8Array
  readonly revoked: boolean
}

const reasonOf = (error: unknown): string => {
  if (!isDchatError(error)) throw error
  return 'reason' in error.details ? String(error.details.reason) : error.message
}

const peopleOf = async (crypto: Verifier, file: OfferReceiptFile): Promise<ReadonlyMap<Address, IdentityLog>> => {
  const logs = new Map<Address, IdentityLog>()
  for (const [i, { address, log }] of file.people.entries()) {
    const verified = await verifyLogAsync(crypto, log).catch((error: unknown) => {
      throw badReceipt(`people[${i}].log`, reasonOf(error), error)
    })
    if (verified.address !== address) throw badReceipt(`people[${i}].address`, 'the log is of another address')
    logs.set(address, verified)
  }
  const unordered = file.people.findIndex(({ address }, i) => i > 0 && address <= (file.people[i - 1]?.address ?? ''))
  if (unordered > 0)
    throw badReceipt(`people[${unordered}].address`, 'people stand in the order of their addresses, once each')
  return logs
}

/**
 * From the outside in, so that what is named is what was changed: the author's signature, the relay's, what the relay's
 * receipt is for, and what ties the entry to the event.
 */
const checkStep = async (
  crypto: Verifier,
  file: OfferReceiptFile,
  people: ReadonlyMap<Address, IdentityLog>,
  one: ReceiptStep,
  at: string,
): Promise<Checked> => {
  const signed = signedOf(one.offer, `${at}.offer`)
  const { event } = signed
  const log = people.get(event.author)
  if (log === undefined) throw badReceipt(`${at}.offer`, 'its author is not among the people of the receipt')
  const device = deviceOf(log, fromHex(event.device) as Uint8Array)
  if (device === undefined) throw badReceipt(`${at}.offer`, 'its device is not certified by its author')
  if (!(await isSignedOffer(crypto, signed))) throw badReceipt(`${at}.offer`, 'the signature is not of its device')
  const { relay: index, epoch, reference, body, salt, receipt } = one
  const relay = file.relays[index]
  if (relay === undefined) throw badReceipt(`${at}.relay`, 'there is no such relay in the receipt')
  const head = await headOf(crypto, relay, one)
  if (head === undefined) throw await unsigned(crypto, file, one, at)
  const { topic, kind } = receipt
  if (!equalBytes(entryHash({ topic, kind, epoch, reference, body }), receipt.entry))
    throw badReceipt(
      ['epoch', 'reference', 'body'].map((field) => `${at}.${field}`).join(' or '),
      'the relay signed another entry',
    )
  if (!equalBytes(body.subarray(0, 32), offerCommitment(event.id, salt)))
    throw badReceipt(`${at}.salt`, 'with it the entry does not commit to the event')
  return {
    at,
    event,
    receipt,
    relay: toHex(relay),
    head,
    revoked: device.revokedAt !== undefined,
  }
}

/** The head that this relay signed for the step, if it did. */
const headOf = (crypto: Verifier, relay: Uint8Array, { receipt }: ReceiptStep): Promise<Uint8Array | undefined> =>
  verifyReceipt(crypto, relay, receipt).catch((error: unknown) => {
    if (isDchatError(error, 'relay/bad-receipt')) return undefined
    throw error
  })

/** Which is wrong: the relay that the step names, the key of that relay, or the receipt? The rest of the file tells. */
const unsigned = async (
  crypto: Verifier,
  { relays, steps }: OfferReceiptFile,
  step: ReceiptStep,
  at: string,
): Promise<Error> => {
  for (const [i, relay] of relays.entries())
    if ((await headOf(crypto, relay, step)) !== undefined)
      return badReceipt(`${at}.relay`, `relays[${i}] signed the receipt`)
  const others = steps.filter((other) => other !== step && other.relay === step.relay)
  const key = relays[step.relay] as Uint8Array
  for (const other of others)
    if ((await headOf(crypto, key, other)) !== undefined)
      return badReceipt(`${at}.receipt`, `it is not as the relay ${toHex(key)} signed it`)
  const either = others.length === 0 ? ` or ${at}.receipt` : ''
  return badReceipt(`relays[${step.relay}]${either}`, 'no receipt in the file is signed with this key')
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

/** In one file, steps stand in the order of their topic, once each. */
const checkOrder = (steps: readonly Checked[]): void => {
  const latest = new Map<string, Checked>()
  for (const now of steps) {
    const topic = toHex(now.receipt.topic)
    const before = latest.get(topic)
    latest.set(topic, now)
    if (before === undefined) continue
    if (equalBytes(now.head, before.head)) throw badReceipt(`${now.at}.receipt`, 'it stands in the receipt twice')
    if (before.relay === now.relay && now.receipt.seq < before.receipt.seq)
      throw badReceipt(`${now.at}.receipt`, 'it stands before the step above')
    checkRelay(before, now)
  }
}

/** In several files, whatever their order: what is told of one topic is one history. */
const checkHistories = (steps: readonly Checked[]): void => {
  const ordered = steps.toSorted((a, b) => a.receipt.seq - b.receipt.seq)
  const latest = new Map<string, Checked>()
  for (const now of ordered) {
    const topic = toHex(now.receipt.topic)
    const before = latest.get(topic)
    if (before !== undefined && !equalBytes(now.head, before.head)) checkRelay(before, now)
    latest.set(topic, now)
  }
}

/** What a relay must never sign: two entries at one place, a time that runs back, a head that does not follow. */
const checkRelay = (before: Checked, now: Checked): void => {
  if (before.relay !== now.relay)
    throw badReceipt(`${now.at}.relay`, `for this topic, ${before.at} has a receipt of another relay`)
  const { seq, time, previous } = now.receipt
  const who = `the relay ${now.relay}`
  const accuse = (what: string) => badReceipt(`${now.at}.receipt`, what)
  if (seq === before.receipt.seq) throw accuse(`${who} signed two entries for one place`)
  if (time < before.receipt.time) throw accuse(`the time of ${who} runs backwards`)
  if (seq === before.receipt.seq + 1 && !equalBytes(previous, before.head)) throw accuse(`${who} signed two histories`)
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
