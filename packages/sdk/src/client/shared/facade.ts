import { DchatError } from '../../errors.ts'
import type { Random } from '../../ports/random.ts'
import { formatInvite } from '../../protocol/identity/invite.ts'
import type { SendableContent } from '../../records/content.ts'
import type { Address, ConversationId, DeviceId, RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { toHex } from '../../util/bytes.ts'
import type { Listings } from '../api/listings.ts'
import type { Offers } from '../api/offers.ts'
import type {
  Backups,
  Bots,
  Chat,
  Client,
  ClientEvent,
  Contacts,
  Conversations,
  Devices,
  Groups,
  History,
  HomeRelays,
  Inline,
  Links,
  Messages,
  Notifications,
  Presence,
  Profiles,
  Search,
  SendOptions,
  SettingsApi,
} from '../client.ts'
import { offersOver } from '../offers/offers.ts'
import { sharedBackups } from './facade-backup.ts'
import { sharedDevices } from './facade-devices.ts'
import { sharedGroups } from './facade-groups.ts'
import { sharedListings } from './facade-listings.ts'
import { sharedNotifications, sharedPresence } from './facade-live.ts'
import { sharedMessages } from './facade-messages.ts'
import { sharedContacts, sharedProfiles } from './facade-people.ts'
import { sharedPersonal, sharedSettings } from './facade-personal.ts'
import { plain } from './plain.ts'
import type { Seat } from './seat.ts'
import { listStream, liveStream } from './streams.ts'

/** The client as an app sees it, wherever the store is at the moment. */
export class SharedFacade implements Client {
  readonly conversations: Conversations
  readonly groups: Groups
  readonly messages: Messages
  readonly contacts: Contacts
  readonly profiles: Profiles
  readonly settings: SettingsApi
  readonly offers: Offers
  readonly inline: Inline
  readonly bots: Bots
  readonly listings: Listings
  readonly backup: Backups
  readonly presence: Presence
  readonly notifications: Notifications
  readonly search: Search
  readonly devices: Devices
  readonly history: History
  readonly links: Links
  readonly homeRelays: HomeRelays
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
      hubs: (id) => desk.call('conversations.hubs', [id]),
      setHubs: (id, relays, options) => desk.call('conversations.setHubs', [id, relays, plain(options)], options),
      audit: (id, options) => desk.call('conversations.audit', [id, plain(options)], options),
      moveTo: (id, relay, options) => desk.call('conversations.moveTo', [id, relay, plain(options)], options),
      markRead: (id, upTo) => desk.call('conversations.markRead', [id, upTo]),
      ...sharedPersonal(desk),
    }
    this.contacts = sharedContacts(desk)
    this.profiles = sharedProfiles(desk)
    this.settings = sharedSettings(desk)
    this.offers = offersOver({
      act: (act, options) => desk.call('offers.act', [act, plain({ clientId: key(), ...options })], options),
      get: (id) => desk.call('offers.get', [id]),
      find: (id) => desk.call('offers.find', [id]),
      list: (options = {}) => desk.call('offers.list', [options]),
      stream: (options = {}) => listStream(desk, 'offers.stream', [plain(options)], ({ id }) => id, options),
      receipt: (id, options = {}) => desk.call('offers.receipt', [id, options]),
    })
    this.bots = {
      publish: (manifest) => desk.call('bots.publish', [manifest]),
      manifest: (address) => desk.call('bots.manifest', [address]),
      install: (id, address, options) => desk.call('bots.install', [id, address, plain(options)], options),
      remove: (id, address, options) => desk.call('bots.remove', [id, address, plain(options)], options),
      list: (id) => desk.call('bots.list', [id]),
    }
    this.inline = {
      query: (conversation, text, options) => desk.call('inline.query', [conversation, text, plain(options)], options),
      answer: (query, answer) => desk.call('inline.answer', [query, answer]),
    }
    this.listings = sharedListings(desk, key)
    this.presence = sharedPresence(desk)
    this.notifications = sharedNotifications(desk)
    this.backup = sharedBackups(desk)
    this.search = {
      messages: (query) => desk.call('search.messages', [query]),
      people: (text, options = {}) => desk.call('search.people', [text, options]),
      ready: (options) => desk.call('search.ready', [], options),
    }
    this.devices = sharedDevices(desk)
    this.history = {
      progress: () => desk.call('history.progress', []),
      stream: (options = {}) => listStream(desk, 'history.stream', [], () => 'history', options),
      request: () => desk.call('history.request', []),
      archive: () => desk.call('history.archive', []),
    }
    this.homeRelays = {
      add: (relay, options) => desk.call('homeRelays.add', [relay, plain(options)], options),
      remove: (relay, options) => desk.call('homeRelays.remove', [relay, plain(options)], options),
      use: (relay, options) => desk.call('homeRelays.use', [relay, plain(options)], options),
    }
    this.links = {
      list: () => desk.facts.links,
      states: (options = {}) => liveStream(desk, 'links.states', [], options),
      ahead: () => desk.call('links.ahead', []),
      health: () => desk.call('links.health', []),
      join: (invitation, options) => desk.call('links.join', [invitation, plain(options)], options),
      healthStream: (options = {}) => liveStream(desk, 'links.healthStream', [], options),
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
