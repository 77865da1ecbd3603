import { isDchatError } from '../../packages/sdk/dist/errors.js'
import { createClient, createIdentity } from '../../packages/sdk/dist/index.js'

const HELP = `I am the guide: a small program with an identity of its own, as you have one.
Write "relay" to hear what the relay between us sees. Anything else comes back to you.`

const RELAY = `The relay sees which conversation a connection uses, the padded size of each message, and the time. \
It sees neither the text nor who wrote it; it puts everything in order and signs a receipt for it.`

const ECHO = 'You wrote '

const ANSWERS = new Map([
  ['help', HELP],
  ['relay', RELAY],
])

const textOf = (content) => {
  if (content.type === 'text') return content.text
  return content.type === 'markdown' ? content.markdown : content.fallback
}

/** Answers are replies. An answer to an answer would have no end where two guides meet. */
const isAnswer = (content) =>
  content.replyTo !== undefined && [HELP, RELAY, ECHO].some((opening) => textOf(content).startsWith(opening))

/** What the guide says to a message; undefined if nothing. The same message has the same answer, also after a crash. */
const answerTo = (content) => {
  if (isAnswer(content)) return undefined
  const text = textOf(content).trim()
  return ANSWERS.get(text.toLowerCase()) ?? `${ECHO}"${text}". Write "help" to hear more.`
}

/** The identity of the folder; the first time, a new one whose home is the relay. */
const openGuide = async (dir, relay) => {
  const options = { store: dir, owner: 'npm start', deviceName: 'guide' }
  try {
    return await createClient(options)
  } catch (error) {
    if (!isDchatError(error, 'identity/none')) throw error
    const identity = createIdentity()
    return createClient({ ...options, identity, relays: [relay] })
  }
}

/**
 * The guide, connected and answering until `close`. Its identity stays in its folder, so its address does, too.
 * `onAnswer` hears whom it answered, `onFailure` why it cannot go on.
 */
export const startGuide = async ({ folder, relay, signal, onAnswer, onFailure }) => {
  const client = await openGuide(folder, relay)
  const answerAll = async () => {
    for await (const message of client.messages.stream()) {
      const text = answerTo(message.content)
      if (text === undefined) continue
      try {
        const content = { type: 'text', text, replyTo: message.id }
        await client.messages.send(message.conversation, content, { clientId: `answer-${message.id}` })
        onAnswer(message.from)
      } catch (error) {
        // One conversation that takes no answer must not end the others.
        if (!isDchatError(error) || error.code.startsWith('storage/') || error.code === 'usage/closed') throw error
        process.stderr.write(`The guide could not answer: ${error.message}\n`)
      }
    }
  }
  try {
    await client.connect({ signal })
  } catch (error) {
    await client.close()
    throw error
  }
  const answering = answerAll()
  answering.catch(onFailure)
  const close = async () => {
    await client.close()
    await answering.catch(() => {})
  }
  return { address: client.address, invite: client.invite(), close }
}
