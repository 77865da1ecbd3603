/**
 * The sentence that travels with a step of an offer, for people who see its card beside it: without the short ids and the
 * commands that it has for programs that know no cards.
 */
export const offerWords = (sentence: string): string =>
  sentence
    .replace(/^(Offer|Counter-offer) #[0-9a-f]{8}(?: to #[0-9a-f]{8})?: /u, '$1: ')
    .replace(/, \/accept(?: [0-9a-f]{0,8})?$/u, '')
