import type { Client, ConversationId, RelayUrl } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'
import type { Connection } from './connection.svelte.ts'

interface KeeperParts {
  readonly client: Client
  readonly connection: Connection
  readonly conversation: ConversationId
  readonly failed: (error: unknown) => void
}

/** The relay that keeps an open conversation: which one it is, whether it answers, and whether it was caught at a lie. */
export class Keeper {
  relay = $state.raw<RelayUrl>()
  /** Others that take over where it is gone. */
  hasNext = $state(false)
  isCaught = $state(false)
  readonly #parts: KeeperParts
  readonly #over = new AbortController()

  constructor(parts: KeeperParts) {
    this.#parts = parts
    const { client, conversation, failed } = parts
    void follow(
      (signal) => client.events({ signal }),
      this.#over.signal,
      async (event) => {
        if (event.type === 'relay-fault' && event.conversation === conversation) await this.refresh()
      },
      failed,
    )
  }

  /** It cannot be reached yet or any more, while another relay can: without any, the person is offline. */
  get isAway(): boolean {
    const { connection } = this.#parts
    if (this.relay === undefined || !connection.online) return false
    const state = connection.links.get(this.relay)?.state
    return state === 'waiting' || state === 'connecting'
  }

  /** Reads where the conversation is kept: when it is opened, and when it may have been moved. */
  async refresh(): Promise<void> {
    const { client, conversation, failed } = this.#parts
    try {
      const { hub, hubs } = await client.conversations.hubs(conversation)
      const health = (await client.links.health()).find(({ relay }) => relay === hub)
      this.relay = hub
      this.hasNext = hubs.length > 1
      this.isCaught = (health?.faults.length ?? 0) > 0
    } catch (error) {
      if (!this.#over.signal.aborted) failed(error)
    }
  }

  close(): void {
    this.#over.abort()
  }
}
