import type { Address, ConversationId } from '../../records/ids.ts'
import type { PresenceEvent, PresenceState } from '../../records/presence.ts'
import type { Abortable } from '../../util/abort.ts'
import { deferredStream } from '../../util/streams.ts'
import type { Presence } from '../api/presence.ts'
import type { Core } from '../core.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { PresenceWork } from './work.ts'

/** Loads what does the work with the first use: who never asks for presence pays nothing for it. */
export class PresenceApi implements Presence {
  readonly #core: Core
  readonly #rooms: Rooms
  #work: Promise<PresenceWork> | undefined

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
  }

  async typing(conversation: ConversationId): Promise<void> {
    await (await this.#load()).typing(conversation)
  }

  async stopped(conversation: ConversationId): Promise<void> {
    await (await this.#load()).stopped(conversation)
  }

  async of(address: Address): Promise<PresenceState> {
    return (await this.#load()).of(address)
  }

  stream(options: Abortable = {}): AsyncIterable<PresenceEvent> {
    return deferredStream(this.#load().then((work) => work.stream(options)))
  }

  /** Says goodbye where this person was said to be online. */
  async goodbye(): Promise<void> {
    await (await this.#work)?.goodbye()
  }

  #load(): Promise<PresenceWork> {
    this.#work ??= import('../later.ts').then(({ PresenceWork }) => new PresenceWork(this.#core, this.#rooms))
    return this.#work
  }
}
