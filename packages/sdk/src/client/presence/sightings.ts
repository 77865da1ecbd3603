import { LAPSE, SOONER, TYPING_SHOWN } from '../../domain/presence/rules.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Address, ConversationId, DeviceId } from '../../records/ids.ts'
import type { PresenceEvent } from '../../records/presence.ts'
import { elapsed } from '../../util/time.ts'
import { Lapses } from './lapses.ts'

interface Typing {
  readonly conversation: ConversationId
  readonly from: Address
  readonly device: DeviceId
  readonly until: number
}

interface Online {
  /** When each was heard last, ms since 1970. */
  readonly devices: Map<DeviceId, number>
  /** ms since 1970, by this device's clock. */
  lastSeen: number
}

/** Who types and who is online, as far as this device has heard. */
export class Sightings {
  readonly #clock: Clock
  readonly #tell: (event: PresenceEvent) => void
  readonly #lapses: Lapses
  readonly #typing = new Map<string, Typing>()
  readonly #online = new Map<Address, Online>()

  constructor(clock: Clock, signal: AbortSignal, tell: (event: PresenceEvent) => void) {
    this.#clock = clock
    this.#tell = tell
    this.#lapses = new Lapses(clock, signal)
  }

  /** Who is online, and when each was heard last. */
  all(): readonly (readonly [Address, number])[] {
    return [...this.#online].map(([from, { lastSeen }]) => [from, lastSeen])
  }

  /** What a stream that begins now has missed. */
  now(): readonly PresenceEvent[] {
    return [
      ...[...this.#online.keys()].map((from) => ({ type: 'online' as const, from })),
      ...[...this.#typing.values()].map(({ device: _, ...typing }) => ({ type: 'typing' as const, ...typing })),
    ]
  }

  typing(conversation: ConversationId, from: Address, device: DeviceId): void {
    const key = keyOf(conversation, from)
    const until = this.#clock.now() + TYPING_SHOWN
    this.#typing.set(key, { conversation, from, device, until })
    this.#lapses.renew(key, TYPING_SHOWN, () => this.stopped(conversation, from))
    this.#tell({ type: 'typing', conversation, from, until })
  }

  /** `device`: only if it was this one that types. */
  stopped(conversation: ConversationId, from: Address, device?: DeviceId): void {
    const key = keyOf(conversation, from)
    const known = this.#typing.get(key)
    if (known === undefined || (device !== undefined && known.device !== device)) return
    this.#typing.delete(key)
    this.#lapses.cancel(key)
    this.#tell({ type: 'stopped', conversation, from })
  }

  /**
   * `new`: the device was not there before. `sooner`: it was, and is heard sooner than its next sign is due: it began anew, as
   * after a crash, and knows nothing of who is here; or it answers somebody.
   */
  online(from: Address, device: DeviceId): 'new' | 'sooner' | 'due' {
    const now = this.#clock.now()
    const known = this.#online.get(from) ?? { devices: new Map(), lastSeen: 0 }
    known.lastSeen = now
    const before = known.devices.get(device)
    known.devices.set(device, now)
    this.#lapses.renew(keyOf(from, device), LAPSE, () => this.offline(from, device))
    if (!this.#online.has(from)) {
      this.#online.set(from, known)
      this.#tell({ type: 'online', from })
    }
    if (before === undefined) return 'new'
    return elapsed(before, now) < SOONER ? 'sooner' : 'due'
  }

  /** The device is gone; with the last one, so is the person. */
  offline(from: Address, device: DeviceId): void {
    const known = this.#online.get(from)
    if (known === undefined || !known.devices.delete(device)) return
    this.#lapses.cancel(keyOf(from, device))
    if (known.devices.size > 0) return
    this.#online.delete(from)
    this.#tell({ type: 'offline', from, lastSeen: known.lastSeen })
  }

  /** ms since 1970; undefined for who is not online. */
  seen(from: Address): number | undefined {
    return this.#online.get(from)?.lastSeen
  }

  /** Forgets who types where that is not heard any more, and who is online where that is not. */
  keep(typingIn: ReadonlySet<ConversationId>, online: ReadonlySet<Address>): void {
    for (const { conversation, from } of [...this.#typing.values()])
      if (!typingIn.has(conversation)) this.stopped(conversation, from)
    for (const [from, { devices }] of [...this.#online])
      if (!online.has(from)) for (const device of [...devices.keys()]) this.offline(from, device)
  }
}

const keyOf = (whole: string, part: string): string => `${whole}/${part}`
