import type { InlineResult } from '@dchat/sdk'
import { untrack } from 'svelte'
import { questionIn } from '../../lib/inline-question.ts'
import type { Mentionable } from '../../lib/mentions.ts'
import { InlineSearch } from '../../state/inline-search.svelte.ts'
import { steppedBy } from './completions.svelte.ts'
import { inlineDeed } from './inline-words.ts'
import type { Scope } from './scope.svelte.ts'

/**
 * What a bot finds while one types, above the composer: whether it is shown, and which of it is chosen. At first nothing
 * is. To be made while a component is.
 */
export class InlineChoice {
  readonly search: InlineSearch
  readonly #scope: Scope
  readonly #people: () => readonly Mentionable[]
  /** A result, or what there is to do where there is none. Results that come later are others: none of them is chosen. */
  #chosen = $state.raw<InlineResult | 'deed' | undefined>(undefined)
  #isPutAway = $state(false)

  /** Whom somebody may mean who begins with a name: those who are here, and whom this person writes with elsewhere. */
  readonly #named = $derived.by((): readonly Mentionable[] => {
    const people = this.#people()
    const here = new Set(people.map(({ address }) => address))
    const others = this.#scope.session.conversations.peers.filter((address) => !here.has(address))
    return [...people, ...others.map((address) => ({ address, name: this.#scope.title(address) }))]
  })
  readonly #question = $derived.by(() => {
    const { text, editing } = this.#scope.composer
    if (editing !== undefined || !text.startsWith('@')) return undefined
    const asked = questionIn(text, this.#named)
    return asked !== undefined && this.#scope.session.bots.manifest(asked.bot)?.inline === true ? asked : undefined
  })

  constructor(scope: Scope, people: () => readonly Mentionable[]) {
    const { client, connection, conversations, troubles } = scope.session
    this.#scope = scope
    this.#people = people
    this.search = new InlineSearch({
      client,
      isOnline: () => connection.online,
      talkWith: (bot) => conversations.withPerson(bot)?.id,
      failed: (error) => troubles.report(error),
    })
    $effect(() => {
      const asked = this.#question
      untrack(() => {
        // Who put results away sees them again when they ask anew.
        if (asked?.bot !== this.search.question?.bot) this.#isPutAway = false
        this.#chosen = undefined
        this.search.look(asked)
      })
    })
    $effect(() => () => this.search.close())
  }

  /** Whom an `@` can name: those who are here, and bots from elsewhere that answer here while one types. */
  get mentionable(): readonly Mentionable[] {
    const people = this.#people()
    const { bots } = this.#scope.session
    return this.#named.filter((each) => people.includes(each) || bots.known(each.address)?.inline === true)
  }

  get isShown(): boolean {
    return this.search.question !== undefined && !this.#isPutAway
  }

  get hasDeed(): boolean {
    const { stage, results } = this.search
    return results.length === 0 && inlineDeed(stage, '') !== undefined
  }

  /** The place of what is chosen; -1: nothing is. */
  get chosen(): number {
    if (this.#chosen === 'deed') return this.hasDeed ? 0 : -1
    return this.#chosen === undefined ? -1 : this.search.results.indexOf(this.#chosen)
  }

  /** How much there is to choose from. */
  get count(): number {
    return this.hasDeed ? 1 : this.search.results.length
  }

  choose(at: number): void {
    this.#chosen = this.hasDeed ? 'deed' : this.search.results[at]
  }

  /** An arrow moves, Escape puts away. False for any other key. */
  key(key: string): boolean {
    if (!this.isShown) return false
    const next = this.count === 0 ? undefined : steppedBy(key, this.chosen, this.count)
    if (next !== undefined) this.choose(next)
    else if (key === 'Escape') this.#isPutAway = true
    else return false
    return true
  }
}
