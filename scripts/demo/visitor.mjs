import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { DchatError } from '../../packages/sdk/dist/errors.js'
import { createClient, createIdentity } from '../../packages/sdk/dist/index.js'

/** ms */
const PATIENCE = 30_000

/** A text that was never sent before, so that finding it anywhere would mean something. */
const uniqueText = () => `Hello! Only you can read this: ${randomBytes(8).toString('hex')}`

/** A throw-away identity, in memory. */
export const createVisitor = (relay) => createClient({ identity: createIdentity(), relays: [relay], store: ':memory:' })

const answerTo = async (visitor, { id, conversation }, signal) => {
  for await (const message of visitor.messages.stream({ conversation, signal }))
    if (message.content.replyTo === id && message.content.type === 'text') return message
  signal.throwIfAborted()
  throw new DchatError('usage/closed', { what: 'client' })
}

/** Sends a text and waits for the answer to it; `accepted` and `roundTrip` are ms since then. */
const ask = async (visitor, chat, text, signal) => {
  const begin = performance.now()
  const since = () => performance.now() - begin
  const queued = await chat.send(text, { signal })
  const answering = answerTo(visitor, queued, signal)
  // Not left alone if the wait for the receipt fails first.
  answering.catch(() => {})
  const sent = await visitor.messages.waitFor(queued.id, 'sent', { timeout: PATIENCE, signal })
  const accepted = since()
  const answer = await answering
  return { text, sent, answer, accepted, roundTrip: since() }
}

/** Two messages to the guide and their answers: `first` opens the conversation, `second` finds it open. */
export const exchange = async (visitor, guide, stop) => {
  const patience = new AbortController()
  const late = () => patience.abort(new DchatError('transport/unconfirmed', { waited: PATIENCE }))
  const timer = setTimeout(late, PATIENCE)
  const signal = AbortSignal.any([stop, patience.signal])
  setMaxListeners(0, signal)
  try {
    await visitor.connect({ signal })
    const chat = await visitor.conversations.dm(guide, { signal })
    const first = await ask(visitor, chat, uniqueText(), signal)
    const second = await ask(visitor, chat, 'relay', signal)
    return { first, second }
  } finally {
    clearTimeout(timer)
  }
}
