import { permits, personOf } from '../../domain/rooms/permissions.ts'
import { DchatError } from '../../errors.ts'
import { decodeManifest } from '../../protocol/messages/bot.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { BotEntry, Snapshot } from '../../protocol/messages/snapshot.ts'
import type { BotManifest, InstalledBot } from '../../records/bot.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Bots } from '../api/bots.ts'
import { changeConversation, sessionOf } from '../change-conversation.ts'
import type { ChangeOptions } from '../client.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import { addPeople } from '../rooms/add-people.ts'
import { changeRoom, removePeople } from '../rooms/change-room.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'
import { keepChannels, openChannel } from './keep-channels.ts'
import { type FoundManifest, findManifest, publishManifest } from './manifests.ts'

export class BotsWork implements Bots {
  readonly #core: Core
  readonly #rooms: Rooms

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
  }

  publish(manifest: BotManifest): Promise<void> {
    return publishManifest(this.#core, manifest)
  }

  async manifest(address: Address): Promise<BotManifest | undefined> {
    return (await findManifest(this.#core, address))?.manifest
  }

  async install(id: ConversationId, address: Address, options: ChangeOptions = {}): Promise<InstalledBot> {
    const found = await findManifest(this.#core, address)
    if (found === undefined)
      throw new DchatError('identity/unknown-peer', { peer: address, hint: 'none of its relays has a manifest of it' })
    await changeConversation(this.#core, this.#rooms, id, options, (session) => this.#install(session, found))
    const installed = (await this.list(id)).find((bot) => bot.address === address)
    if (installed === undefined) throw new DchatError('conversation/not-permitted', { reason: 'it was removed again' })
    return installed
  }

  async remove(id: ConversationId, address: Address, options: ChangeOptions = {}): Promise<void> {
    await changeConversation(this.#core, this.#rooms, id, options, async (session) => {
      const bot = entryOf(session.snapshot, address)
      if (bot === undefined) return
      if (bot.channel === undefined) return removePeople(session, [address])
      await changeRoom(session, (now) => entryOf(now, address) === undefined, [{ kind: 'unbot', address }])
      await keepChannels(this.#core, this.#rooms, session.id)
    })
  }

  async list(id: ConversationId): Promise<readonly InstalledBot[]> {
    const { snapshot } = await sessionOf(this.#core, this.#rooms, id)
    return (snapshot.bots ?? []).map(({ address, manifest, by, channel }) => ({
      address,
      manifest: decodeManifest(manifest).manifest,
      by,
      restricted: channel !== undefined || snapshot.kind === 'channel',
    }))
  }

  async #install(session: RoomSession, { address, bytes: manifest, manifest: { read } }: FoundManifest): Promise<void> {
    const isDone = (now: Snapshot) => isAccepted(entryOf(now, address), manifest)
    if (isDone(session.snapshot)) return
    const known = entryOf(session.snapshot, address)
    if (known !== undefined && (known.channel === undefined) !== (read === 'all'))
      throw new DchatError('conversation/not-permitted', {
        reason: 'what it reads changed between some and all messages: remove it, and install it again',
      })
    const permitted = permits(session.snapshot, this.#core.self.address, { kind: 'unbot', address })
    if (permitted !== true) throw new DchatError('conversation/not-permitted', { reason: permitted })
    const change: Extract<ControlChange, { kind: 'bot' }> = { kind: 'bot', address, manifest }
    if (read === 'all') {
      await addPeople(this.#core, session, [address])
      await changeRoom(session, isDone, [change])
      return
    }
    if (personOf(session.snapshot, address) !== undefined)
      throw new DchatError('conversation/not-permitted', { reason: 'it is a member, and would read everything' })
    const where =
      known?.channel === undefined
        ? await openChannel(this.#core, this.#rooms, session, { address, manifest })
        : { channel: known.channel }
    await changeRoom(session, (now) => isDone(now) || isElse(now, address, known), [{ ...change, ...where }])
    const task = { kind: 'channels', room: session.id } as const
    await addJob(this.#core.store, `channels/${session.id}`, task, this.#core.clock.now())
    await keepChannels(this.#core, this.#rooms, session.id)
  }
}

const entryOf = ({ bots = [] }: Snapshot, address: Address): BotEntry | undefined =>
  bots.find((bot) => bot.address === address)

const isAccepted = (bot: BotEntry | undefined, manifest: Uint8Array): boolean =>
  bot !== undefined && equalBytes(bot.manifest, manifest)

/** Somebody else installed it meanwhile: theirs is the channel. */
const isElse = (now: Snapshot, address: Address, known: BotEntry | undefined): boolean =>
  known === undefined && entryOf(now, address) !== undefined
