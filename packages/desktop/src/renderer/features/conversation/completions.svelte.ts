import { findEmoji, loadEmoji } from '../../lib/emoji.ts'
import { type Mentionable, type Token, tokenAt } from '../../lib/mentions.ts'
import type { Suggestion } from './Suggestions.svelte'

/** The most that are offered for one word. */
const MOST = 8

/** What can be meant by a word that is being typed. */
export interface Meanings {
  /** Whom an `@` can name, those in the conversation first. */
  readonly people: () => readonly Mentionable[]
  /** What a `/` can begin with this word, in lower case. */
  readonly commands: (word: string) => readonly Suggestion[]
}

/** The word before the caret and what it could become. */
export class Completions {
  readonly #meanings: Meanings
  token = $state.raw<Token | undefined>(undefined)
  found = $state.raw<readonly Suggestion[]>([])
  chosen = $state(0)

  constructor(meanings: Meanings) {
    this.#meanings = meanings
  }

  async look(text: string, caret: number | undefined, isEdit: boolean): Promise<void> {
    const token = caret === undefined ? undefined : tokenAt(text, caret)
    this.token = token
    this.chosen = 0
    if (token === undefined) this.found = []
    else if (token.sign === '/') this.found = isEdit ? [] : this.#meanings.commands(token.text.toLowerCase())
    else if (token.sign === '@') this.found = this.#people(token.text.toLowerCase())
    else {
      const emoji = findEmoji(await loadEmoji(), token.text, MOST)
      if (this.token === token)
        this.found = emoji.map((each) => ({ key: each.emoji, text: each.emoji, label: each.label, sign: each.emoji }))
    }
  }

  forget(): void {
    this.token = undefined
    this.found = []
  }

  #people(word: string): readonly Suggestion[] {
    return this.#meanings
      .people()
      .filter(({ name }) => beginsOrHas(name, word))
      .slice(0, MOST)
      .map(({ name, address }) => ({ key: address, text: `@${name}`, label: name, face: address }))
  }
}

/** Whether a name, or a word of it, begins so. */
export const beginsOrHas = (name: string, word: string): boolean =>
  name.toLowerCase().startsWith(word) ||
  name
    .toLowerCase()
    .split(/\s+/)
    .some((part) => part.startsWith(word))

/** Where an arrow leads in a list of so many; undefined for any other key. -1: nothing is chosen yet. */
export const steppedBy = (key: string, chosen: number, count: number): number | undefined => {
  if (key === 'ArrowDown') return (chosen + 1) % count
  if (key === 'ArrowUp') return chosen <= 0 ? count - 1 : chosen - 1
  return undefined
}
