import {
  type Address,
  type Client,
  type ConversationId,
  createClient,
  createIdentity,
  type Message,
  type MessageId,
} from '../../../../src/index.ts'
import { browser } from './globals.ts'

/** What a tab tells the test as it happens: whoever dies says nothing afterwards. */
export type Report =
  /** It has a connection to the relay, which only the owner has. */
  | { readonly type: 'online' | 'offline' }
  /** Handed out by a stream; the next one is asked for after the test has heard of this one. */
  | { readonly type: 'read'; readonly stream: string; readonly text: string }
  | { readonly type: 'sending' | 'sent'; readonly text: string; readonly id?: MessageId }
  | { readonly type: 'failed'; readonly what: string; readonly error: string }

export type Tell = (report: Report) => Promise<void>

const textOf = ({ content }: Message): string => (content.type === 'text' ? content.text : '')
const nextTurn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Says when this program begins and ends to have a connection. */
export const watchSockets = (tell: Tell): void => {
  const Platform = browser.WebSocket
  let open = 0
  const change = (by: 1 | -1) => {
    open += by
    if (open === 0) void tell({ type: 'offline' })
    if (open === 1 && by === 1) void tell({ type: 'online' })
  }
  browser.WebSocket = class extends Platform {
    #counts = false

    constructor(url: string, protocols?: string[]) {
      super(url, protocols)
      this.addEventListener('open', () => {
        this.#counts = true
        change(1)
      })
      this.addEventListener('close', () => this.#end())
    }

    override close(code?: number, reason?: string): void {
      this.#end()
      super.close(code, reason)
    }

    #end(): void {
      if (!this.#counts) return
      this.#counts = false
      change(-1)
    }
  }
}

/** What the test makes a tab or a worker do. Everything that goes in and out is plain data. */
export const createTab = (tell: Tell) => {
  let client: Client | undefined
  let isWriting = true
  const the = (): Client => {
    if (client === undefined) throw new Error('it is not open')
    return client
  }
  const failed = (what: string) => (error: unknown) =>
    tell({ type: 'failed', what, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })

  return {
    /** A new identity with a store of this name. */
    create: async (store: string, relay: string): Promise<{ address: Address }> => {
      client = await createClient({ store, identity: createIdentity(), relays: [relay], strangers: 'allow' })
      await client.connect()
      return { address: client.address }
    },
    open: async (store: string, connect: boolean): Promise<{ address: Address }> => {
      client = await createClient({ store, strangers: 'allow' })
      if (connect) void client.connect().catch(failed('connect'))
      return { address: client.address }
    },
    dm: async (peer: Address): Promise<ConversationId> => (await the().conversations.dm(peer)).id,
    /** Reads from a stored cursor, or from now on, until the tab ends. */
    read: (stream: string, fromNow: boolean): void => {
      const reading = async () => {
        const options = { name: stream, ...(fromNow ? { after: 'now' as const } : {}) }
        for await (const message of the().messages.stream(options))
          await tell({ type: 'read', stream, text: textOf(message) })
      }
      reading().catch(failed('read'))
    },
    /** Sends one numbered message after the other. */
    write: (chat: ConversationId, name: string, pause: number): void => {
      const writing = async () => {
        for (let count = 0; isWriting; count++) {
          const text = `${name} #${count}`
          await tell({ type: 'sending', text })
          const { id } = await the().messages.send(chat, text)
          await tell({ type: 'sent', text, id })
          await nextTurn(pause)
        }
      }
      writing().catch(failed('write'))
    },
    /** Sends one message, and waits until it is at the relay. */
    send: async (chat: ConversationId, text: string): Promise<void> => {
      await the().messages.send(chat, text, { wait: 'sent', timeout: 60_000 })
    },
    rest: (): void => {
      isWriting = false
    },
    list: async (chat: ConversationId): Promise<readonly string[]> => {
      const texts: string[] = []
      for (let before: string | undefined; ; ) {
        const page = await the().messages.list(chat, { limit: 500, ...(before === undefined ? {} : { before }) })
        texts.push(...page.items.map(textOf))
        before = page.next
        if (before === undefined) return texts.reverse()
      }
    },
    close: (): Promise<void> => the().close(),
    isOwner: async (store: string): Promise<number> => {
      const { held = [] } = await browser.navigator.locks.query()
      return held.filter(({ name }) => name === `dchat/${store}`).length
    },
  }
}

export type TabApi = ReturnType<typeof createTab>
