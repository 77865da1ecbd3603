/** What people say in the benchmark of the app, and who they are. */

const WORDS =
  'the weather is fine today and we could cook something with what grows in the garden behind your house'.split(' ')

export const personOf = (chat) => `Person ${String(chat).padStart(4, '0')}`

/** The last words of a conversation; they stand nowhere else. */
export const newestText = (chat, count) => `This is word ${count} of ${chat}, the last.`

/** Of different heights, as people write: mostly a line, sometimes ten. */
export const textOf = (chat, number) => {
  const length = number % 11 === 0 ? 90 : number % 3 === 0 ? 24 : 6
  const words = Array.from({ length }, (_, i) => WORDS[(i * 7 + number * 3 + chat) % WORDS.length])
  return number % 5 === 0 ? `**${number}** ${words.join(' ')}\n\n- one\n- two` : `${number}: ${words.join(' ')}.`
}
