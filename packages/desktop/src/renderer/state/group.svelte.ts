import type { Address, Client, ConversationId, GroupInfo, Picture, Role } from '@dchat/sdk'
import { isDchatError } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'

/** A group's people and what it is called, while somebody looks at it. */
export class Group {
  readonly id: ConversationId
  readonly #client: Client
  readonly #failed: (error: unknown) => void
  readonly #over = new AbortController()
  #info = $state.raw<GroupInfo | undefined>(undefined)
  /** A change is on its way. */
  busy = $state(false)

  constructor(client: Client, id: ConversationId, failed: (error: unknown) => void) {
    this.#client = client
    this.id = id
    this.#failed = failed
    const { signal } = this.#over
    void this.refresh()
    void follow(
      (stop) => client.messages.changes({ conversation: id, signal: stop }),
      signal,
      // Who was invited has joined by their first words.
      ({ content, from }) => {
        const isNew = this.#info?.members.some(({ address, state }) => address === from && state === 'invited')
        if (content.type === 'notice' || isNew === true) void this.refresh()
      },
      failed,
    )
    void follow(
      (stop) => client.events({ signal: stop }),
      signal,
      ({ type }) => {
        if (type === 'profile' || type === 'owner-changed' || type === 'rejoin') void this.refresh()
      },
      failed,
    )
  }

  /** undefined until it was read, and for a group that this device is not in. */
  get info(): GroupInfo | undefined {
    return this.#info
  }

  /** Owners and admins change the group and its people. */
  get manages(): boolean {
    return this.#info !== undefined && this.#info.role !== 'member'
  }

  /** Reads it again. One that is not open yet, or that this person is out of, has nothing to read. */
  async refresh(): Promise<void> {
    try {
      this.#info = await this.#client.groups.info(this.id)
    } catch (error) {
      if (!this.#over.signal.aborted && !isDchatError(error, 'conversation/not-member')) this.#failed(error)
    }
  }

  add(people: readonly Address[]): Promise<boolean> {
    return this.#do((options) => this.#client.groups.add(this.id, people, options))
  }

  remove(address: Address): Promise<boolean> {
    return this.#do((options) => this.#client.groups.remove(this.id, [address], options))
  }

  setRole(address: Address, role: Role): Promise<boolean> {
    return this.#do((options) => this.#client.groups.setRole(this.id, address, role, options))
  }

  rename(name: string): Promise<boolean> {
    return this.#do((options) => this.#client.groups.rename(this.id, name, options))
  }

  setPicture(picture: Picture | undefined): Promise<boolean> {
    return this.#do((options) => this.#client.groups.setPicture(this.id, picture, options))
  }

  leave(): Promise<boolean> {
    return this.#do(() => this.#client.groups.leave(this.id))
  }

  close(): void {
    this.#over.abort()
  }

  /** True once it stands. */
  async #do(work: (options: { signal: AbortSignal }) => Promise<void>): Promise<boolean> {
    this.busy = true
    try {
      await work({ signal: this.#over.signal })
      await this.refresh()
      return true
    } catch (error) {
      if (!this.#over.signal.aborted) this.#failed(error)
      return false
    } finally {
      this.busy = false
    }
  }
}
