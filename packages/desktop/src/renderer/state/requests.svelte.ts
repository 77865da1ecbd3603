import type { Address, Client, ConversationId, Invitation, Request } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'

export type RequestAnswer = 'allow' | 'deny' | 'block'

/** Strangers who want to write, and groups that ask this person in. */
export class Requests {
  readonly #client: Client
  readonly #failed: (error: unknown) => void
  #strangers = $state.raw<readonly Request[]>([])
  #invitations = $state.raw<readonly Invitation[]>([])
  /** Conversations that were allowed here and whose first messages are on their way. */
  #joining = $state.raw<ReadonlySet<ConversationId>>(new Set())
  /** Whom or what an answer is on its way for. */
  #busy = $state.raw<ReadonlySet<string>>(new Set())

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    this.#failed = failed
    void this.refresh()
    void follow(
      (stop) => client.events({ signal: stop }),
      signal,
      ({ type }) => {
        if (type === 'request' || type === 'invitation' || type === 'requests-dropped' || type === 'owner-changed')
          void this.refresh()
      },
      failed,
    )
  }

  /** Newest first. Those who ask this person into a group are among them. */
  get strangers(): readonly Request[] {
    return this.#strangers
  }

  /** From people whom this person knows. */
  get invitations(): readonly Invitation[] {
    return this.#invitations
  }

  get count(): number {
    return this.#strangers.length + this.#invitations.length
  }

  isBusy(id: Address | ConversationId): boolean {
    return this.#busy.has(id)
  }

  isJoining(conversation: ConversationId): boolean {
    return this.#joining.has(conversation)
  }

  /** What was allowed is there to be read. */
  joined(conversation: ConversationId): void {
    this.#joining = new Set([...this.#joining].filter((each) => each !== conversation))
  }

  async refresh(): Promise<void> {
    try {
      const [strangers, invitations] = await Promise.all([
        this.#client.contacts.requests(),
        this.#client.groups.invitations(),
      ])
      const asked = new Set(strangers.map(({ conversation }) => conversation))
      this.#strangers = strangers
      this.#invitations = invitations.filter(({ conversation }) => !asked.has(conversation))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** True once it is done. */
  async answer(from: Address, answer: RequestAnswer): Promise<boolean> {
    const asked = this.#strangers.find((each) => each.from === from)
    const done = await this.#do(from, () => this.#client.contacts[answer](from))
    if (done && answer === 'allow' && asked?.kind === 'dm') this.#joins(asked.conversation)
    return done
  }

  async accept(conversation: ConversationId): Promise<boolean> {
    const done = await this.#do(conversation, () => this.#client.groups.accept(conversation))
    if (done) this.#joins(conversation)
    return done
  }

  decline(conversation: ConversationId): Promise<boolean> {
    return this.#do(conversation, () => this.#client.groups.decline(conversation))
  }

  #joins(conversation: ConversationId): void {
    this.#joining = new Set([...this.#joining, conversation])
  }

  async #do(id: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy.has(id)) return false
    this.#busy = new Set([...this.#busy, id])
    try {
      await work()
      return true
    } catch (error) {
      this.#failed(error)
      return false
    } finally {
      this.#busy = new Set([...this.#busy].filter((each) => each !== id))
      await this.refresh()
    }
  }
}
