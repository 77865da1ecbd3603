import { DchatError } from '../../errors.ts'
import type { Random } from '../../ports/random.ts'
import { formatInvite } from '../../protocol/identity/invite.ts'
import type { SendableContent } from '../../records/content.ts'
import type { Address, ConversationId, DeviceId, RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { toHex } from '../../util/bytes.ts'
import type {
  Chat,
  Client,
  ClientEvent,
  Contacts,
  Conversations,
  Groups,
  Links,
  Messages,
  SendOptions,
} from '../client.ts'
import { sharedGroups } from './facade-groups.ts'
import { sharedMessages } from './facade-messages.ts'
import { plain } from './plain.ts'
import type { Seat } from './seat.ts'
import { listStream, liveStream } from './streams.ts'

/** The client as an app sees it, wherever the store is at the moment. */
export class SharedFacade implements Client {
  readonly conversations: Conversations
  readonly groups: Groups
  readonly messages: Messages
  readonly contacts: Contacts
  readonly links: Links
  readonly #seat: Seat

  constructor(seat: Seat, random: Random) {
    const { desk } = seat
    const key = () => toHex(random.bytes(16))
    this.#seat = seat
    this.messages = sharedMessages(desk, key)
    const chat = (id: ConversationId): Chat => ({
      id,
      send: (content: string | SendableContent, options?: SendOptions) => this.messages.send(id, content, options),
      record: async () => {
        const record = await this.conversations.get(id)
        if (record === undefined) throw new DchatError('conversation/unknown', { conversation: id })
        return record
      },
    })
    this.groups = sharedGroups(desk, key, chat)
    this.conversations = {
      dm: async (peer, options) => chat(await desk.call('conversations.dm', [peer, plain(options)], options)),
      get: (id) => desk.call('conversations.get', [id]),
      list: (options = {}) => desk.call('conversations.list', [options]),
      stream: (options = {}) => listStream(desk, 'conversations.stream', [], ({ id }) => id, options),
      setTimer: (id, seconds, options) => desk.call('conversations.setTimer', [id, seconds, plain(options)], options),
      markRead: (id, upTo) => desk.call('conversations.markRead', [id, upTo]),
    }
    this.contacts = {
      add: (addressOrInvite, options) => desk.call('contacts.add', [addressOrInvite, plain(options)], options),
      find: (nameOrAddress) => desk.call('contacts.find', [nameOrAddress]),
      list: () => desk.call('contacts.list', []),
      remove: (address) => desk.call('contacts.remove', [address]),
    }
    this.links = {
      list: () => desk.facts.links,
      states: (options = {}) => liveStream(desk, 'links.states', [], options),
    }
  }

  get address(): Address {
    return this.#seat.desk.facts.address
  }
  get device(): DeviceId {
    return this.#seat.desk.facts.device
  }

  async connect(options?: Abortable & { timeout?: number }): Promise<void> {
    this.#seat.goOnline()
    await this.#seat.desk.call('connect', [plain(options)], options)
  }

  async sync(options?: Abortable & { timeout?: number }): Promise<void> {
    this.#seat.goOnline()
    await this.#seat.desk.call('sync', [plain(options)], options)
  }

  invite(): string {
    return formatInvite({ address: this.address, relays: this.relays() })
  }

  relays(): readonly RelayUrl[] {
    return this.#seat.desk.facts.relays
  }

  events(options: Abortable = {}): AsyncIterable<ClientEvent> {
    return liveStream(this.#seat.desk, 'events', [], options, { type: 'owner-changed' })
  }

  close(): Promise<void> {
    return this.#seat.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
