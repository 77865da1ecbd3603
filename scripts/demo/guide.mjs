import { createClient, createIdentity, formatMoney, isDchatError } from '../../packages/sdk/dist/index.js'
import { decide, GOODS } from './guide/bargain.mjs'
import { agreedText, answerTo, asksForOffer } from './guide/words.mjs'

/** The identity of the folder; the first time, a new one whose home is the relay. */
const openGuide = async (dir, relay) => {
  // Everybody may write to a guide.
  const options = { store: dir, owner: 'npm start', deviceName: 'guide', strangers: 'allow' }
  try {
    return await createClient(options)
  } catch (error) {
    if (!isDchatError(error, 'identity/none')) throw error
    const identity = createIdentity()
    const client = await createClient({ ...options, identity, relays: [relay] })
    await client.profiles.set({ name: 'Guide', about: 'A small program that answers, and haggles' })
    return client
  }
}

/** One conversation that takes no answer must not end the others. */
const goOn = async (work) => {
  try {
    await work()
  } catch (error) {
    if (!isDchatError(error) || error.code.startsWith('storage/') || error.code === 'usage/closed') throw error
    // Somebody else was first, or the time was over: the offer tells how it stands.
    if (!error.code.startsWith('offer/')) process.stderr.write(`The guide could not answer: ${error.message}\n`)
  }
}

/** True for the first message of its author in a conversation. */
const isFirst = async (client, { conversation, from, id }) => {
  const { items } = await client.messages.list(conversation, { limit: 50 })
  return items.findLast((each) => each.from === from && each.content.type !== 'notice')?.id === id
}

/** A reply, a reaction to the first word, and an offer; whatever was done before a crash is not done again. */
const answer = async (client, message, onAnswer) => {
  const { content, conversation, from, id } = message
  const first = await isFirst(client, message)
  const text = answerTo(content, first)
  if (text === undefined) return
  await client.messages.send(conversation, { type: 'text', text, replyTo: id }, { clientId: `answer-${id}` })
  onAnswer(from)
  if (first) await client.messages.react(id, '👋')
  if (first || asksForOffer(content)) await client.offers.make(conversation, GOODS, { clientId: `offer-${id}` })
}

const haggle = async (client, offer) => {
  const { conversation, deals, head, id, terms } = offer
  const { act, terms: wanted } = decide(offer, client.address)
  const step = { head, clientId: `${act}-${head}` }
  if (act === 'accept') await client.offers.accept(id, step)
  if (act === 'decline') await client.offers.decline(id, { ...step, reason: 'not_available' })
  if (act === 'counter') await client.offers.counter(id, wanted, step)
  const deal = deals.find(({ state }) => state === 'agreed')
  if (deal === undefined || offer.opener !== client.address) return
  const text = agreedText(formatMoney(terms.price.total))
  await client.messages.send(conversation, { type: 'text', text }, { clientId: `agreed-${deal.id}` })
}

/**
 * The guide, connected and answering until `close`. Its identity stays in its folder, so its address does, too.
 * `onAnswer` hears whom it answered, `onFailure` why it cannot go on.
 */
export const startGuide = async ({ folder, relay, signal, onAnswer, onFailure }) => {
  const client = await openGuide(folder, relay)
  const answerAll = async () => {
    for await (const message of client.messages.stream()) await goOn(() => answer(client, message, onAnswer))
  }
  const haggleAll = async () => {
    for await (const offer of client.offers.stream()) await goOn(() => haggle(client, offer))
  }
  try {
    await client.connect({ signal })
  } catch (error) {
    await client.close()
    throw error
  }
  const working = Promise.all([answerAll(), haggleAll()])
  working.catch(onFailure)
  const close = async () => {
    await client.close()
    await working.catch(() => {})
  }
  return { address: client.address, invite: client.invite(), close }
}
