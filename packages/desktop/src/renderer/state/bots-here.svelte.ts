import type { Address, Client, ConversationId, InstalledBot } from '@dchat/sdk'
import { isDchatError } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'
import type { Bots } from './bots.svelte.ts'

interface BotsHereOptions {
  readonly client: Client
  readonly bots: Bots
  readonly conversation: ConversationId
  readonly failed: (error: unknown) => void
}

/** The bots of a group and what was accepted of them, while somebody looks at it. */
export class BotsHere {
  readonly #options: BotsHereOptions
  readonly #over = new AbortController()
  #list = $state.raw<readonly InstalledBot[]>([])

  constructor(options: BotsHereOptions) {
    this.#options = options
    const { client, conversation, failed } = options
    void this.refresh()
    void follow(
      (signal) => client.events({ signal }),
      this.#over.signal,
      (event) => {
        const isHere = 'conversation' in event && event.conversation === conversation
        if (event.type === 'owner-changed' || (isHere && event.type.startsWith('bot-'))) void this.refresh()
      },
      failed,
    )
  }

  get list(): readonly InstalledBot[] {
    return this.#list
  }

  get(address: Address): InstalledBot | undefined {
    return this.#list.find((bot) => bot.address === address)
  }

  async refresh(): Promise<void> {
    const { client, bots, conversation, failed } = this.#options
    try {
      this.#list = await client.bots.list(conversation)
      for (const { address, manifest } of this.#list) bots.note(address, manifest)
    } catch (error) {
      if (!this.#over.signal.aborted && !isDchatError(error, 'conversation/not-member')) failed(error)
    }
  }

  /** Accepts what the bot says of itself, for everybody here. Throws as `client.bots.install` does. */
  async accept(address: Address): Promise<void> {
    const { client, conversation } = this.#options
    await client.bots.install(conversation, address, { signal: this.#over.signal })
    await this.refresh()
  }

  /** Throws as `client.bots.remove` does. */
  async remove(address: Address): Promise<void> {
    const { client, conversation } = this.#options
    await client.bots.remove(conversation, address, { signal: this.#over.signal })
    await this.refresh()
  }

  close(): void {
    this.#over.abort()
  }
}
