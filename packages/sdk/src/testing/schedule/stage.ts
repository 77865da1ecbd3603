import type { Client, ClientEvent } from '../../client/client.ts'
import { getConversation } from '../../client/conversation-store.ts'
import type { ConversationRecord, RoomRecord } from '../../client/records.ts'
import { isDchatError } from '../../errors.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import type { Finding, Witness } from '../invariants/witness.ts'
import type { Sim, SimDevice, SimPerson, SimRelay } from '../sim/types.ts'

/** ms after which an app that could not connect tries again. */
const RECONNECT = 5_000

/** Something that everybody can prove to be somebody's. */
export interface Offence {
  readonly room: string
  readonly term: number
  readonly epoch: number
  readonly address: string
}

/** The world of a running schedule: who is there, what was begun, and what was found. */
export class Stage {
  readonly sim: Sim
  readonly relays: readonly SimRelay[]
  /** Relays that never come back. */
  readonly gone = new Set<string>()
  /** Devices that never come back. */
  readonly vanished = new Set<string>()
  readonly witness: Witness
  readonly people = new Map<string, SimPerson>()
  /** Conversations by the label of the step that made them. */
  readonly chats = new Map<string, ConversationId>()
  /** Messages that a call acknowledged as durable, with their conversation, by device. */
  readonly promised = new Map<string, Map<MessageId, ConversationId>>()
  /** Conversations in which messages disappear: what was taken on there may be gone before it was ever seen. */
  readonly timed = new Set<ConversationId>()
  /** The last backup of each device. */
  readonly backups = new Map<string, Uint8Array>()
  readonly findings: Finding[] = []
  /** Proven offences: their authors are to be out. */
  readonly offences: Offence[] = []
  readonly #hostile: ReadonlySet<string>

  constructor(sim: Sim, relays: readonly SimRelay[], witness: Witness, hostile: readonly string[]) {
    this.sim = sim
    this.relays = relays
    this.witness = witness
    this.#hostile = new Set(hostile)
  }

  isHostile(person: string): boolean {
    return this.#hostile.has(person)
  }

  /** The relay of this name, or the first one. */
  relay(name?: string): SimRelay | undefined {
    return name === undefined ? this.relays[0] : this.relays.find((relay) => relay.name === name)
  }

  /** Every device, in the order of coming. */
  devices(): readonly SimDevice[] {
    return [...this.people.values()].flatMap(({ devices }) => devices)
  }

  device(name: string): SimDevice | undefined {
    return this.devices().find((device) => device.name === name)
  }

  /** The device if it is there and runs. */
  running(name: string): SimDevice | undefined {
    const device = this.device(name)
    return device?.isUp ? device : undefined
  }

  /** Lets a client do something, waits for nothing. What comes of it goes into the trace. */
  call(device: SimDevice, what: string, work: (client: Client) => Promise<unknown>): void {
    const { trace } = this.sim
    work(device.client).then(
      () => trace.note('done', device.name, what),
      (error: unknown) => {
        if (isDchatError(error)) trace.note('refused', device.name, `${what} ${error.code}`)
        else this.#surprise(`${what} of ${device.name} failed with ${String(error)}`)
      },
    )
  }

  /** The room of a conversation, as the device's store has it. */
  async roomOf(device: SimDevice, chat: ConversationId): Promise<string | undefined> {
    const record = await device.records.read((tx) => tx.get<ConversationRecord>('conversations', chat))
    return record?.active
  }

  /** Lets a hostile device work over its own links; what the relay answers it is its own affair. */
  begin(device: SimDevice, what: string, work: Promise<unknown>): void {
    const { trace } = this.sim
    work.then(
      () => trace.note('did', device.name, what),
      (error: unknown) =>
        trace.note('failed', device.name, `${what} ${isDchatError(error) ? error.code : String(error)}`),
    )
  }

  /** A device begins to run: it connects, as often as that takes, and is heard from now on. */
  follow(device: SimDevice): void {
    const { client, clock } = device
    void (async () => {
      while (true) {
        try {
          return await client.connect()
        } catch (error) {
          if (!isDchatError(error) || error.code === 'usage/closed') throw error
          await clock.sleep(RECONNECT)
        }
      }
    })().catch((error: unknown) => {
      if (!isDchatError(error)) this.#surprise(`connecting of ${device.name} failed with ${String(error)}`)
    })
    void (async () => {
      for await (const event of client.events()) this.#hear(device, event)
    })().catch((error: unknown) => this.#surprise(`events of ${device.name} failed with ${String(error)}`))
  }

  promise(device: SimDevice, chat: ConversationId, id: MessageId): void {
    const known = this.promised.get(device.name) ?? new Map<MessageId, ConversationId>()
    this.promised.set(device.name, known.set(id, chat))
  }

  /** A device is as it was when its backup was made: what it took on since, and did not send, nobody has. */
  async lost(device: SimDevice): Promise<void> {
    this.witness.lost(device)
    const promised = this.promised.get(device.name) ?? new Map<MessageId, ConversationId>()
    for (const id of [...promised.keys()])
      if ((await device.records.read((tx) => tx.get('messages', id))) === undefined) promised.delete(id)
  }

  #hear(device: SimDevice, event: ClientEvent): void {
    const { trace } = this.sim
    switch (event.type) {
      case 'gap':
        this.#noteGap(device, event).catch((error: unknown) =>
          this.#surprise(`rooms of ${device.name} cannot be read: ${String(error)}`),
        )
        return trace.note('gap', device.name, `${event.from} ${event.to}`)
      case 'expired':
        for (const id of event.messages) this.promised.get(device.name)?.delete(id)
        return trace.note('expired', device.name, `${event.messages.length}`)
      case 'void':
        return trace.note('void', device.name, `${event.seq} ${event.reason}`)
      case 'problem':
        trace.note('problem', device.name, `${event.code} ${event.message}`)
        if (event.code.startsWith('internal/')) this.#surprise(`${device.name}: ${event.message}`)
        return
      case 'relay-fault':
        if (!this.isHostile(device.name.split('/')[0] as string))
          this.#surprise(`${device.name} accuses an honest relay: ${event.code}`)
        return
      default:
        return trace.note(event.type, device.name)
    }
  }

  /** In the topics that its rooms are in now: a device may have come through several since it was last looked at. */
  async #noteGap(device: SimDevice, { conversation, from, to }: ClientEvent & { type: 'gap' }): Promise<void> {
    const rooms = await device.records.read(async (tx) => {
      const chat = await getConversation(tx, conversation)
      return Promise.all((chat?.rooms ?? []).map((id) => tx.get<RoomRecord>('rooms', id)))
    })
    for (const room of rooms) if (room !== undefined) this.witness.told(device.name, room, from, to)
  }

  #surprise(what: string): void {
    this.findings.push({ invariant: 'nothing unexpected', what })
  }
}
