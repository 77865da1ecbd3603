import type { Client, FoundOffer, Offer, OfferAct, OfferOptions, Reason, TermsDraft } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { confirmed } from './confirmed.ts'
import { WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { listingOf } from './listings.ts'
import type { NamedTerms, OfferCalls, OfferStepView, OfferStreams, OfferView } from './offer-types.ts'
import { chatToRead, chatToWrite, peopleOf, personOf } from './resolve.ts'
import type { Waiting } from './shared-types.ts'
import { caughtUp } from './synced.ts'

type Params<K extends keyof OfferCalls> = OfferCalls[K]['params']

/** What each failure means for a step: it is durable before anything is waited for. */
const KEPT = {
  unreachable: 'It is safe in the outbox and goes out when dchat runs again and the relay can be reached.',
  full: 'Free some space; the step may not be stored yet, so look with "dchat offer list" before you repeat it.',
  unconfirmed: 'It is safe in the outbox; "dchat offer show" tells whether it stands.',
}

const LIMIT = 100

/** The offer meant; what is not known here yet may wait at the relays. Throws `offer/unknown`. */
const offerOf = async (
  engine: Engine,
  id: string,
  waiting: Waiting & { readonly offline?: boolean },
  signal: AbortSignal,
): Promise<FoundOffer> => {
  const { offers } = engine.client
  const known = await offers.find(id)
  if (known !== undefined) return known
  if (waiting.offline !== true) {
    await caughtUp(engine, waiting, signal)
    const found = await offers.find(id)
    if (found !== undefined) return found
  }
  throw new DchatError('offer/unknown', { offer: id })
}

type StepParams = Pick<Params<'offer.answer'>, 'clientId' | 'wait' | 'timeout' | 'patience' | 'reason'>

const act = async (
  engine: Engine,
  given: OfferAct,
  { wait = 'sent', timeout = WAIT, patience, clientId, reason }: StepParams,
  named: Pick<OfferOptions, 'head' | 'deal'>,
  signal: AbortSignal,
): Promise<OfferStepView> => {
  const { offers } = engine.client
  const options: OfferOptions = {
    ...named,
    ...(clientId === undefined ? {} : { clientId }),
    // The SDK knows the codes.
    ...(reason === undefined ? {} : { reason: reason as Reason }),
  }
  if (wait === 'queued') return offers.act(given, { ...options, signal })
  const stands = (until: AbortSignal) => offers.act(given, { ...options, wait, timeout, signal: until })
  return confirmed(engine, { patience, hints: KEPT }, signal, stands)
}

const listedTerms = async (
  client: Client,
  { listing: named, take }: NonNullable<NamedTerms['from']>,
  { items: _, ...terms }: TermsDraft,
): Promise<TermsDraft> => {
  const { id, items: listed } = await listingOf(client, named)
  const picked = take.map((one) => ({ id: listed[0]?.id ?? '', ...one }))
  return client.listings.terms(id, { ...terms, ...(picked.length === 0 ? {} : { items: picked }) })
}

const termsOf = async (client: Client, named: NamedTerms, signal: AbortSignal): Promise<TermsDraft> => {
  const { parties, moderator, from, ...given } = named
  const terms = from === undefined ? given : await listedTerms(client, from, given)
  return {
    ...terms,
    ...(parties === undefined ? {} : { parties: await peopleOf(client, parties, signal) }),
    ...(moderator === undefined
      ? {}
      : { payment: { rails: ['manual'], timing: 'before', moderator: await personOf(client, moderator, signal) } }),
  }
}

export const makeOffer = async (
  engine: Engine,
  params: Params<'offer.make'>,
  signal: AbortSignal,
): Promise<OfferStepView> => {
  const { client, inOrder } = engine
  const conversation = await inOrder(() => chatToWrite(client, params.chat, signal))
  const terms = await termsOf(client, params.terms, signal)
  return act(engine, { type: 'propose', conversation, terms }, params, {}, signal)
}

/** An id of one version of the terms names what the user was looking at; another one is refused. */
const headOf = ({ head }: FoundOffer): Pick<OfferOptions, 'head'> => (head === undefined ? {} : { head })

export const counterOffer = async (
  engine: Engine,
  params: Params<'offer.counter'>,
  signal: AbortSignal,
): Promise<OfferStepView> => {
  const found = await offerOf(engine, params.offer, params, signal)
  const terms = await termsOf(engine.client, params.terms, signal)
  return act(engine, { type: 'counter', offer: found.offer.id, terms }, params, headOf(found), signal)
}

export const answerOffer = async (
  engine: Engine,
  params: Params<'offer.answer'>,
  signal: AbortSignal,
): Promise<OfferStepView> => {
  const found = await offerOf(engine, params.offer, params, signal)
  return act(engine, { type: params.answer, offer: found.offer.id }, params, headOf(found), signal)
}

/** A deal by the beginning of its id. */
const dealOf = ({ deals }: Offer, named: string | undefined): Pick<OfferOptions, 'deal'> => {
  if (named === undefined) return {}
  const id = named.replace(/^#/, '').toLowerCase()
  const [found, ...more] = deals.filter((deal) => deal.id.startsWith(id))
  if (found !== undefined && more.length === 0) return { deal: found.id }
  throw new DchatError('usage/invalid-argument', { name: '--deal', reason: 'it names none of the deals of this offer' })
}

export const settleOffer = async (
  engine: Engine,
  params: Params<'offer.settle'>,
  signal: AbortSignal,
): Promise<OfferStepView> => {
  const { step: type, note, uri, reference, outcome } = params
  // A step of a deal answers the newest one: what the other side did since is read first.
  if (params.wait !== 'queued') await caughtUp(engine, params, signal)
  const { offer } = await offerOf(engine, params.offer, params, signal)
  const data = {
    ...(note === undefined ? {} : { note }),
    ...(uri === undefined ? {} : { uri }),
    ...(reference === undefined ? {} : { reference }),
    ...(outcome === undefined ? {} : { outcome }),
  }
  const given: OfferAct = { type, offer: offer.id, ...(Object.keys(data).length === 0 ? {} : { data }) }
  return act(engine, given, params, dealOf(offer, params.deal), signal)
}

/** Names of all whom the user may see in an offer. */
const namesOf = async (client: Client): Promise<Record<string, string>> => {
  const names = (await client.contacts.list()).flatMap(({ address, name }) =>
    name === undefined ? [] : [[address, name]],
  )
  return { ...Object.fromEntries(names), [client.address]: 'you' }
}

export const showOffer = async (
  engine: Engine,
  params: Params<'offer.show'>,
  signal: AbortSignal,
): Promise<OfferView> => {
  if (params.offline !== true) await caughtUp(engine, params, signal)
  const found = await offerOf(engine, params.offer, { ...params, offline: true }, signal)
  return { ...found, names: await namesOf(engine.client) }
}

export const offerReceipt = async (
  engine: Engine,
  params: Params<'offer.receipt'>,
  signal: AbortSignal,
): Promise<OfferCalls['offer.receipt']['result']> => {
  if (params.offline !== true) await caughtUp(engine, params, signal)
  const { offer } = await offerOf(engine, params.offer, { ...params, offline: true }, signal)
  const file = await engine.client.offers.receipt(offer.id, dealOf(offer, params.deal))
  return { offer: offer.id, file: Buffer.from(file).toString('base64') }
}

export async function* listOffers(
  engine: Engine,
  params: OfferStreams['offer.list']['params'],
  signal: AbortSignal,
): AsyncGenerator<OfferView> {
  const { client } = engine
  const { chat, state, limit = LIMIT, offline } = params
  if (offline !== true) await caughtUp(engine, params, signal)
  const conversation = chat === undefined ? undefined : await chatToRead(client, chat)
  if (chat !== undefined && conversation === undefined) return
  const names = await namesOf(client)
  const { items } = await client.offers.list({
    limit,
    ...(state === undefined ? {} : { state }),
    ...(conversation === undefined ? {} : { conversation }),
  })
  for (const offer of items) yield { offer, names }
}
