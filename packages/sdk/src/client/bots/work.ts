import { DchatError } from '../../errors.ts'
import { decodeManifest } from '../../protocol/messages/bot.ts'
import type { BotManifest, InstalledBot } from '../../records/bot.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import type { Bots } from '../api/bots.ts'
import { changeConversation, sessionOf } from '../change-conversation.ts'
import type { ChangeOptions } from '../client.ts'
import type { Core } from '../core.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { findManifest, publishManifest } from './manifests.ts'
import { removeBot, setUpBot } from './set-up.ts'

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
    await changeConversation(this.#core, this.#rooms, id, options, (session) =>
      setUpBot(this.#core, this.#rooms, session, { address: found.address, manifest: found.bytes }),
    )
    const installed = (await this.list(id)).find((bot) => bot.address === address)
    if (installed === undefined) throw new DchatError('conversation/not-permitted', { reason: 'it was removed again' })
    return installed
  }

  async remove(id: ConversationId, address: Address, options: ChangeOptions = {}): Promise<void> {
    await changeConversation(this.#core, this.#rooms, id, options, (session) =>
      removeBot(this.#core, this.#rooms, session, address),
    )
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
}
