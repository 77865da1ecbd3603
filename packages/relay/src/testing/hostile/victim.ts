import { type Entry, type Frame, type Method, parseItem, parseResult, type Receipt, toHex } from '@dchat/sdk/wire'
import type { Relay } from '../../relay.ts'
import { FalseLog, type Sign } from './false-log.ts'
import { type Lie, SIGNED } from './lies.ts'

export interface Telling {
  readonly lie: Lie
  readonly relay: Pick<Relay, 'relayKey'>
  readonly sign: Sign
  readonly keyPackage: ((address: string) => Promise<Uint8Array>) | undefined
  /** By topic: the first place that it lies about, the same for all victims. */
  readonly from: Map<string, number>
  /** By topic: what it signs for its victims. */
  readonly logs: Map<string, FalseLog>
  /** Counts what was told falsely. */
  told(): void
}

type Asked = { readonly name: string; readonly params: Readonly<Record<string, unknown>> }

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))

/** One connection of a client, between it and the true relay: frames in, frames out. */
export class Victim {
  /** Devices that this connection has proven, hex. */
  readonly devices = new Set<string>()
  readonly #asked = new Map<number, Asked>()
  /** By subscription: an entry that waits for the one after it. */
  readonly #held = new Map<number, Entry>()
  /** By topic: the last place that this connection was told while it was told the truth. */
  readonly #seen = new Map<string, number>()

  /** A frame of the client, as the relay gets it. */
  asks(frame: Frame, telling: Telling | undefined): Frame {
    if (frame.type !== 'request' && frame.type !== 'subscribe') return frame
    const name = frame.type === 'request' ? frame.method : frame.name
    const params = frame.params as Asked['params']
    this.#asked.set(frame.id, { name, params })
    if (name === 'link.prove' && params.kind === 'device') this.devices.add(toHex(params.subject as Uint8Array))
    const log = telling?.logs.get(topicOf(params))
    if (log === undefined || typeof params.after !== 'number') return frame
    return { ...frame, params: { ...params, after: log.trueOf(params.after) } }
  }

  /** A frame of the relay, as the client gets it; several or none where the relay lies. */
  async answers(frame: Frame, telling: Telling | undefined, hidesLists: boolean): Promise<readonly Frame[]> {
    if (frame.type !== 'result' && frame.type !== 'item') return [frame]
    const asked = this.#asked.get(frame.id)
    if (asked === undefined) return [frame]
    if (frame.type === 'item') {
      if (asked.name !== 'topic') return [frame]
      const entry = parseItem('topic', frame.item)
      if (telling === undefined) {
        this.#seen.set(topicOf(asked.params), entry.receipt.seq)
        return [frame]
      }
      const entries = await this.#entries([entry], asked, telling, frame.id)
      return entries.map((item) => ({ ...frame, item }))
    }
    this.#asked.delete(frame.id)
    if (hidesLists && asked.name === 'successor.list') return [{ ...frame, result: { items: [] } }]
    if (telling === undefined) return [frame]
    return [{ ...frame, result: await this.#result(asked, frame.result, telling) }]
  }

  async #result({ name, params }: Asked, result: unknown, telling: Telling): Promise<unknown> {
    switch (name as Method) {
      case 'topic.read': {
        const page = parseResult('topic.read', result)
        return { ...page, entries: await this.#entries(page.entries, { name, params }, telling) }
      }
      case 'topic.head': {
        const head = parseResult('topic.head', result)
        const log = telling.logs.get(topicOf(params))
        return log === undefined ? result : { ...head, seq: log.placeOf(head.seq) }
      }
      case 'identity.get': {
        if (telling.lie !== 'stale-log') return result
        telling.told()
        const { logs } = parseResult('identity.get', result)
        return { logs: logs.map((log) => (log.length > 1 ? log.slice(0, -1) : log)) }
      }
      case 'keys.claim': {
        if (telling.lie !== 'own-key-package' || telling.keyPackage === undefined) return result
        telling.told()
        const { packages } = parseResult('keys.claim', result)
        const made = await telling.keyPackage(String(params.address))
        return { packages: packages.map((each) => ({ ...each, package: made })) }
      }
      default:
        return result
    }
  }

  async #entries(
    entries: readonly Entry[],
    { params }: Asked,
    telling: Telling,
    subscription?: number,
  ): Promise<readonly Entry[]> {
    const [first] = entries
    if (first === undefined) return entries
    const topic = topicOf(params)
    const from = this.#fromOf(topic, first.receipt, telling, subscription !== undefined)
    if (from === undefined) return entries
    const { lie } = telling
    if (entries.some(({ receipt }) => receipt.seq >= from)) telling.told()
    if (SIGNED.has(lie)) return this.#logOf(topic, from, telling).tell(entries)
    const is = ({ receipt }: Entry) => receipt.seq === from
    switch (lie) {
      case 'drop':
        return entries.filter((entry) => !is(entry))
      case 'withhold':
        return entries.filter(({ receipt }) => receipt.seq < from)
      case 'replay':
        return entries.flatMap((entry) => (is(entry) ? [entry, entry] : [entry]))
      case 'rewrite':
        return entries.map((entry) => (is(entry) && entry.body ? { ...entry, body: flipped(entry.body) } : entry))
      case 'forge':
        return entries.map((entry) => (is(entry) ? { ...entry, receipt: forged(entry.receipt) } : entry))
      case 'reorder':
        return this.#swapped(entries, from, subscription)
      default:
        return entries
    }
  }

  /** The first entry that comes after the lie began, and the same one for all. */
  #fromOf(topic: string, { seq }: Receipt, { from }: Telling, live: boolean): number | undefined {
    const known = from.get(topic)
    if (known !== undefined || !live) return known
    const first = Math.max(seq, (this.#seen.get(topic) ?? 0) + 1)
    from.set(topic, first)
    return first
  }

  #logOf(topic: string, from: number, { logs, lie, relay, sign }: Telling): FalseLog {
    const log = logs.get(topic) ?? new FalseLog(lie, relay.relayKey, sign, from)
    logs.set(topic, log)
    return log
  }

  #swapped(entries: readonly Entry[], from: number, subscription: number | undefined): readonly Entry[] {
    if (subscription === undefined) return entries
    return entries.flatMap((entry) => {
      if (entry.receipt.seq === from) {
        this.#held.set(subscription, entry)
        return []
      }
      const held = this.#held.get(subscription)
      this.#held.delete(subscription)
      return held === undefined ? [entry] : [entry, held]
    })
  }
}

const topicOf = (params: Asked['params']): string => (params.topic instanceof Uint8Array ? toHex(params.topic) : '')

const forged = (receipt: Receipt): Receipt => ({ ...receipt, signature: flipped(receipt.signature) })
