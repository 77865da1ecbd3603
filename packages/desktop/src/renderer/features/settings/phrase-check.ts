/** Which words of a phrase the person is asked for: `count` places, from 0, in their order. */
export const placesToAsk = (length: number, count: number, random: () => number = Math.random): readonly number[] => {
  const places = Array.from({ length }, (_, place) => place)
  while (places.length > count) places.splice(Math.floor(random() * places.length), 1)
  return places
}

/** Places whose word is not the one of the phrase; case and surrounding space do not count. */
export const wrongPlaces = (phrase: string, answers: ReadonlyMap<number, string>): readonly number[] => {
  const words = phrase.split(' ')
  return [...answers].filter(([place, word]) => words[place] !== word.trim().toLowerCase()).map(([place]) => place)
}
