import type { RoomRecord } from '../../client/records.ts'
import { toHex } from '../../util/bytes.ts'
import type { SimDevice } from '../sim/types.ts'
import { Eye } from './eye.ts'
import type { Facts, Invariant, LogEntry, RoomSight, Sight, Spot } from './sight.ts'

/** A promise that was broken. */
export interface Finding {
  readonly invariant: string
  readonly what: string
}

export interface WitnessOptions {
  readonly invariants: readonly Invariant[]
  readonly now: () => number
  /** The relay's log of a topic (hex). */
  readonly log: (topic: string) => readonly LogEntry[]
  /** Opens the MLS states too; dear in large groups. Default true. */
  readonly trees?: boolean
}

/** Epochs that a device has held keys of, in one stay. */
interface Stay {
  readonly from: number
  to: number
}

interface Watched {
  readonly device: SimDevice
  readonly eye: Eye
  readonly who: { readonly address: string; readonly deviceId: string }
  last: Sight | undefined
}

/** Looks at every honest device again and again, gathers what is known of the whole, and asks the invariants. */
export class Witness implements Facts {
  readonly findings: Finding[] = []
  readonly #options: WitnessOptions
  readonly #watched = new Map<string, Watched>()
  readonly #members = new Map<string, ReadonlySet<string>>()
  readonly #newest = new Map<string, number>()
  readonly #stays = new Map<string, Stay[]>()
  /** Places that devices were told they cannot see, or jumped over, by device and topic. */
  readonly #holes = new Map<string, { readonly from: number; readonly to: number }[]>()
  readonly #rooms = new Map<string, RoomSight>()
  readonly #restored = new Set<string>()
  readonly #topics = new Map<string, string>()

  constructor(options: WitnessOptions) {
    this.#options = options
  }

  /** From now on the device is looked at. It has to have run once. */
  watch(device: SimDevice): void {
    const { address, device: deviceId } = device.client
    this.#watched.set(device.name, {
      device,
      eye: new Eye(device, this.#topics),
      who: { address, deviceId },
      last: undefined,
    })
  }

  /** The device never runs again: what it had read is no matter any more. */
  unwatch(device: string): void {
    this.#watched.delete(device)
  }

  /** The device lost its store and has one of an earlier moment: what it read and held since does not count. */
  lost(device: SimDevice): void {
    if (!this.#watched.has(device.name)) return
    this.#restored.add(device.name)
    const known = this.#watched.get(device.name) as Watched
    this.#watched.set(device.name, { ...known, eye: new Eye(device, this.#topics), last: undefined })
    const ofDevice = (name: string) => name.startsWith(`${device.name}/`)
    for (const stays of [...this.#stays.keys()].filter(ofDevice)) this.#stays.delete(stays)
    for (const room of [...this.#rooms.keys()].filter(ofDevice)) this.#rooms.delete(room)
    for (const holes of [...this.#holes.keys()].filter(ofDevice)) this.#holes.delete(holes)
    for (const { restored } of this.#options.invariants) restored?.(device.name)
  }

  /** The device was told that it cannot see these places of a room. */
  told(device: string, { id, term, topic }: Pick<RoomRecord, 'id' | 'term' | 'topic'>, from: number, to: number): void {
    this.#hole(device, toHex(topic), from, to)
    this.#missedOfEarlier(device, id, term)
  }

  #hole(device: string, topic: string, from: number, to: number): void {
    const name = `${device}/${topic}`
    this.#holes.set(name, [...(this.#holes.get(name) ?? []), { from, to }])
  }

  /** Who misses something of a term misses what was done there to messages of earlier ones. */
  #missedOfEarlier(device: string, room: string, term: number): void {
    for (let earlier = 1; earlier < term; earlier++) {
      const topic = this.#topics.get(`${room}/${earlier}`)
      if (topic !== undefined) this.#hole(device, topic, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    }
  }

  /** Looks at everybody and asks the invariants; findings add up. */
  async look(): Promise<void> {
    const fresh: Sight[] = []
    for (const watched of this.#watched.values()) {
      const sight = await watched.eye.look(this.#options.now(), watched.who, this.#options.trees ?? true)
      const { rooms, messages, gone } = sight.fresh
      watched.last = sight
      if (rooms.length + messages.length + gone.length === 0) continue
      for (const room of rooms) this.#remember(sight.device, room)
      for (const { room, epoch, devices } of sight.fresh.trees)
        if (!this.#members.has(`${room}/${epoch}`)) this.#members.set(`${room}/${epoch}`, new Set(devices))
      fresh.push(sight)
    }
    for (const sight of fresh)
      for (const { name, look } of this.#options.invariants)
        for (const what of look?.(sight, this) ?? []) this.findings.push({ invariant: name, what })
  }

  /** Once everything is at rest. */
  async end(): Promise<void> {
    await this.look()
    for (const { name, end } of this.#options.invariants)
      for (const what of end?.(this) ?? []) this.findings.push({ invariant: name, what })
  }

  /** Intents that wait on a device, by room. */
  waiting(device: string): Promise<ReadonlyMap<string, number>> {
    return this.#watched.get(device)?.eye.waiting() ?? Promise.resolve(new Map())
  }

  log(topic: string): readonly LogEntry[] {
    return this.#options.log(topic)
  }

  members(room: string, epoch: number): ReadonlySet<string> | undefined {
    return this.#members.get(`${room}/${epoch}`)
  }

  newest(room: string): number | undefined {
    return this.#newest.get(room)
  }

  held(device: string, room: string, epoch: number): boolean {
    return this.#stays.get(`${device}/${room}`)?.some(({ from, to }) => from <= epoch && epoch <= to) ?? false
  }

  restored(device: string): boolean {
    return this.#restored.has(device)
  }

  missed(device: string, { topic, seq }: Spot): boolean {
    return this.#holes.get(`${device}/${topic}`)?.some(({ from, to }) => from <= seq && seq <= to) ?? false
  }

  whole(device: string, { topic, seq }: Spot): boolean {
    return !(this.#holes.get(`${device}/${topic}`)?.some(({ to }) => to > seq) ?? false)
  }

  sights(): readonly Sight[] {
    return [...this.#watched.values()].flatMap(({ last }) => (last === undefined ? [] : [last]))
  }

  #remember(device: string, room: RoomSight): void {
    const name = `${device}/${room.id}`
    const stays = this.#stays.get(name) ?? []
    const stay = stays.at(-1)
    const before = this.#rooms.get(name)
    if (stay === undefined || stay.from !== room.joinedEpoch) stays.push({ from: room.joinedEpoch, to: room.epoch })
    else stay.to = Math.max(stay.to, room.epoch)
    // Who comes in again jumps from where the device stood to its place of entry, perhaps over whole terms.
    if (before !== undefined && before.joinedEpoch !== room.joinedEpoch) {
      const isSame = before.topic === room.topic
      const entry = Math.min(...room.heads.keys(), room.seq)
      this.#hole(device, before.topic, before.seq + 1, isSame ? entry : Number.POSITIVE_INFINITY)
      if (!isSame) this.#hole(device, room.topic, 1, entry)
      this.#missedOfEarlier(device, room.id, room.term)
    }
    this.#stays.set(name, stays)
    if (room.state === 'open') this.#newest.set(room.id, Math.max(room.epoch, this.#newest.get(room.id) ?? 0))
    this.#rooms.set(name, room)
  }
}
