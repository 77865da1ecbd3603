const HELP = `I am the guide: a small program with an identity of its own, as you have one.
Write "relay" to hear what the relay between us sees, or "offer" for something to haggle over. Anything else comes back to you.`

const RELAY = `The relay sees which conversation a connection uses, the padded size of each message, and the time. \
It sees neither the text nor who wrote it; it puts everything in order and signs a receipt for it.`

const OFFER = 'Here is my offer. I am told to haggle: name another price.'

const GREETING = 'Hello, I am the guide. '
const ECHO = 'You wrote '

const ANSWERS = new Map([
  ['help', HELP],
  ['relay', RELAY],
  ['offer', OFFER],
])

/** What people wrote; undefined for steps of offers, notices, and what was deleted. */
const textOf = (content) => {
  if (content.type === 'text') return content.text
  if (content.type === 'markdown') return content.markdown
  return content.type === 'unknown' ? content.fallback : undefined
}

/** Answers are replies. An answer to an answer would have no end where two guides meet. */
const isAnswer = (content, text) =>
  content.replyTo !== undefined && [GREETING, HELP, RELAY, OFFER, ECHO].some((opening) => text.startsWith(opening))

/** True if the guide is asked to sell something. */
export const asksForOffer = (content) => textOf(content)?.trim().toLowerCase() === 'offer'

/**
 * What the guide says to a message; undefined if nothing. The same message has the same answer, also after a crash.
 * `isFirst`: it is the first message that this person ever wrote to the guide.
 */
export const answerTo = (content, isFirst) => {
  const written = textOf(content)
  if (written === undefined || isAnswer(content, written)) return undefined
  const text = written.trim()
  const answer = ANSWERS.get(text.toLowerCase()) ?? `${ECHO}"${text}". Write "help" to hear more.`
  return isFirst ? `${GREETING}${answer}` : answer
}

/** What it says when a deal is made. */
export const agreedText = (price) =>
  `Agreed: ${price}. Both of us have signed it, and the relay has signed when. The receipt on the card proves it to anybody, \
without me and without the relay.`
