/** Messages that nobody wrote: words by Zipf's law, of the length that people's messages have. The same in every run. */

const WORDS = 30_000
const PEOPLE = 40
const CHATS = 20
const START = 1_700_000_000_000

/** A small generator with a seed. */
const numbers = (seed) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

const wordsOf = (next) => {
  const seen = new Set()
  while (seen.size < WORDS) {
    let word = ''
    for (let left = 2 + Math.floor(next() * 9); left > 0; left -= 1)
      word += String.fromCharCode(97 + Math.floor(next() * 26))
    seen.add(word)
  }
  return [...seen]
}

/**
 * @param {number} count
 * @returns the messages, and words by how often they stand in them: the first is the most frequent
 */
export const createTexts = (count) => {
  const next = numbers(20_261_121)
  const vocabulary = wordsOf(next)
  const word = () => vocabulary[Math.floor(Math.exp(next() * Math.log(WORDS))) - 1] ?? vocabulary[0]
  const messages = Array.from({ length: count }, (_, index) => ({
    conversation: Math.floor(next() ** 2 * CHATS),
    person: Math.floor(next() * PEOPLE),
    at: START + index * 60_000,
    text: `${Array.from({ length: 4 + Math.floor(next() * 16) }, word).join(' ')}.`,
  }))
  return { messages, vocabulary, chats: CHATS }
}

export const chatId = (number) => number.toString(16).padStart(32, 'c')
export const address = (number) => `dchat1${String(number).padStart(60, 'q')}`
