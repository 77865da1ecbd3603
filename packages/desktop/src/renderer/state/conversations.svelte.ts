import type { Address, Client, Conversation, ConversationId } from '@dchat/sdk'

/** ms in which what changes is put together: where there are thousands, they come one after the other. */
const TOGETHER = 50

/** Pinned ones in the order of pinning, then the others, newest activity first, as the SDK lists them. */
const newestFirst = (a: Conversation, b: Conversation): number =>
  (b.lastMessage?.at ?? b.createdAt) - (a.lastMessage?.at ?? a.createdAt)

/** Both come from the same place, so what is equal is written equally. */
const isSame = (known: Conversation | undefined, item: Conversation): boolean =>
  known !== undefined && JSON.stringify(known) === JSON.stringify(item)

const waits = ({ state }: Conversation): boolean => state === 'request' || state === 'invited'

/** All conversations of this identity. */
export class Conversations {
  readonly #client: Client
  #all = $state.raw<ReadonlyMap<ConversationId, Conversation>>(new Map())
  /** Changes that are not shown yet, for a moment. */
  #coming: Conversation[] = []
  #pause: ReturnType<typeof setTimeout> | undefined
  /** False until the newest were read once: nothing can be called empty before. */
  loaded = $state(false)

  readonly #ordered = $derived.by((): readonly Conversation[] => {
    const open = [...this.#all.values()].filter((each) => !waits(each))
    return [
      ...open.filter(({ pinned }) => pinned === true),
      ...open.filter(({ pinned }) => pinned !== true).toSorted(newestFirst),
    ]
  })
  readonly #listed = $derived(this.#ordered.filter(({ archived }) => archived !== true))
  readonly #archived = $derived(this.#ordered.filter(({ archived }) => archived === true))
  readonly #waiting = $derived([...this.#all.values()].filter(waits))
  readonly #unread = $derived(this.#listed.reduce((sum, { unread }) => sum + unread, 0))

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    // The newest are there at once; the stream brings all of them.
    this.#begin(signal).catch((error: unknown) => {
      if (!signal.aborted) failed(error)
    })
    signal.addEventListener('abort', () => clearTimeout(this.#pause), { once: true })
  }

  get(id: ConversationId): Conversation | undefined {
    return this.#all.get(id)
  }

  /** In the list: those that are not archived. */
  get listed(): readonly Conversation[] {
    return this.#listed
  }

  get archived(): readonly Conversation[] {
    return this.#archived
  }

  /** Those that wait for an answer of this person: requests of strangers and invitations. */
  get waiting(): readonly Conversation[] {
    return this.#waiting
  }

  /** Whom this person writes with, archived or not, in that order. */
  get peers(): readonly Address[] {
    return this.#ordered.flatMap(({ peer }) => (peer === undefined ? [] : [peer]))
  }

  /** The direct message with somebody, if there is one. */
  withPerson(address: Address): Conversation | undefined {
    return this.#ordered.find(({ peer }) => peer === address)
  }

  get unread(): number {
    return this.#unread
  }

  /** Reads all of them again: what happened to them may have been missed. */
  async refresh(): Promise<void> {
    let before: string | undefined
    do {
      const page = await this.#client.conversations.list(before === undefined ? {} : { before, limit: 500 })
      this.#put(page.items)
      before = page.next
    } while (before !== undefined)
  }

  /** Reads one of them: it is here then, though the stream has not told of it yet. */
  async read(id: ConversationId): Promise<void> {
    const item = await this.#client.conversations.get(id)
    if (item !== undefined) this.#put([item])
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { items } = await this.#client.conversations.list()
    this.#put(items)
    this.loaded = true
    for await (const item of this.#client.conversations.stream({ signal })) this.#take(item)
  }

  /** The first change is shown at once; what follows within a moment is shown together. */
  #take(item: Conversation): void {
    this.#coming.push(item)
    if (this.#pause === undefined) this.#settle()
  }

  #settle(): void {
    this.#pause = undefined
    if (this.#coming.length === 0) return
    this.#put(this.#coming)
    this.#coming = []
    this.#pause = setTimeout(() => this.#settle(), TOGETHER)
  }

  /** What is as it was stays the same object: nothing is drawn again for it. */
  #put(items: readonly Conversation[]): void {
    const fresh = items.filter((item) => !isSame(this.#all.get(item.id), item))
    if (fresh.length > 0)
      this.#all = new Map([...this.#all, ...fresh.map((item): [ConversationId, Conversation] => [item.id, item])])
  }
}
