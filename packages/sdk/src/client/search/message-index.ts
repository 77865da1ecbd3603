import { wordsOf } from '../../domain/search/plain.ts'
import { isCurrent, makeSegment, openSegment, type Segment, type SegmentRecord } from '../../domain/search/segment.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import { inChunks } from '../../util/batches.ts'
import { Latch, within } from '../../util/wait.ts'
import { branch, type Core } from '../core.ts'
import type { ConversationRecord, MessageRecord } from '../records.ts'
import { bucketOf, placesOf, segmentKey, segmentOf } from './bucket.ts'

const SCOPE = 'segments'
/** Segments, conversations and probes that are read at once. */
const PAGE = 32
/** Messages that one write reads for the index, about: some milliseconds. */
const SLICE = 512
/** Unsent messages that are searched. */
const BUCKET_LIMIT = 4_096
/** ms between two slices, for everything else. */
const PAUSE = 5
/** ms that what changed is left alone before it is written: a conversation that goes on changes again. */
const SETTLE = 10_000
/** ms after a failure that may pass. */
const RETRY = 5_000
/** Changed segments that a search reads anew itself; where there are more, it does not wait for them. */
const REFRESH = 8
/** UTF-16 units of text in memory; what is older is read from the store when a search comes to it. */
const HELD = 32 * 1024 * 1024

/** A stretch of a conversation of which no segment is known; bounds are exclusive. */
interface Hole {
  readonly conversation: ConversationId
  readonly after: number
  readonly before: number
}

/** `asOf`: the count of changes that it holds. Without a segment: there are no messages. */
interface Entry {
  readonly asOf: number
  readonly segment: Segment | undefined
}

/**
 * The search index over messages (storage.md). A segment's row is deleted by whoever writes one of its messages, so what
 * is stored is true, and what is missing is to be made: after a crash as well as on the first day.
 */
export class MessageIndex {
  readonly #core: Core
  readonly #entries = new Map<string, Entry>()
  readonly #numbers = new Map<Address, number>()
  /** Segments that are not in memory as they are in the store, and those whose row is missing; since which change. */
  readonly #stale = new Map<string, number>()
  readonly #unsaved = new Map<string, number>()
  readonly #whole = new Latch()
  readonly #changed = new Latch()
  readonly #crowded = new Latch()
  #holes: readonly Hole[] = []
  #changes = 0
  #ordinal = 0
  #held = 0

  constructor(core: Core) {
    this.#core = branch(core)
  }

  /** Reads what is stored of the index, and looks where something is missing. */
  async load(): Promise<void> {
    this.#core.forgotten.on((keys) => this.#note(keys))
    for (let before: number | undefined; ; ) {
      const rows = await this.#core.store.read((tx) =>
        tx.page<SegmentRecord>('search', {
          scope: SCOPE,
          limit: PAGE,
          order: 'descending',
          ...(before === undefined ? {} : { before }),
        }),
      )
      for (const { key, value } of rows) if (isCurrent(value)) this.#install(key, value, 0)
      this.#ordinal = Math.max(this.#ordinal, ...rows.map(({ position }) => position as number))
      before = rows[rows.length - 1]?.position
      if (rows.length < PAGE) break
    }
    await this.#findHoles()
  }

  /** Makes what is missing, and keeps up with what changes, until the client closes. */
  async run(): Promise<void> {
    const { clock, log, signal } = this.#core
    while (!signal.aborted)
      try {
        while (await this.#saveSome()) await clock.sleep(PAUSE, { signal })
        if (this.#stale.size <= REFRESH) this.#whole.open()
        await this.#changed.wait({ signal })
        await within(clock, SETTLE, (over) => this.#crowded.wait({ signal: over }), { signal })
        this.#changed.shut()
        this.#crowded.shut()
      } catch (error) {
        if (!isDchatError(error) || !error.retryable) throw error
        log.warn('indexing failed', { code: error.code })
        await clock.sleep(RETRY, { signal })
      }
  }

  /** False while something that is stored cannot be found. */
  get isComplete(): boolean {
    return this.#holes.length === 0 && this.#stale.size === 0
  }

  /** Open while nothing is missing, apart from what a search reads itself. */
  get whole(): Latch {
    return this.#whole
  }

  /** The number that stands for a person; undefined for one who wrote nothing. */
  numberOf(address: Address): number | undefined {
    return this.#numbers.get(address)
  }

  /** Brings what changed a moment ago into memory. */
  async refresh(tx: StoreReader): Promise<void> {
    const since = this.#changes
    for (const key of [...this.#stale.keys()].slice(0, REFRESH)) {
      this.#install(key, await makeFrom(tx, key), since)
      this.#settled(this.#stale, key, since)
    }
  }

  /** Segments whose messages may fit, newest first. */
  segments(wanted: (segment: Segment) => boolean): readonly Segment[] {
    const found: Segment[] = []
    for (const { segment } of this.#entries.values())
      if (segment !== undefined && segment.places.length > 0 && wanted(segment)) found.push(segment)
    return found.sort((a, b) => b.newest - a.newest)
  }

  /** The text of a segment, from the store where memory does not hold it. */
  async textOf(tx: StoreReader, { conversation, bucket, text, places }: Segment): Promise<string> {
    if (text !== undefined) return text
    const key = segmentKey(conversation, bucket)
    const record = (await tx.get<SegmentRecord>('search', key)) ?? (await makeFrom(tx, key))
    // Changed this very moment: what it was is not asked any more, and what it is comes with the next search.
    return record !== undefined && isCurrent(record) && record.places.length === places.length ? record.text : ''
  }

  #note(keys: readonly string[]): void {
    this.#changes += 1
    for (const key of keys) {
      if (segmentOf(key) === undefined) continue
      this.#stale.set(key, this.#changes)
      this.#unsaved.set(key, this.#changes)
    }
    this.#changed.open()
    if (this.#stale.size <= REFRESH) return
    this.#whole.shut()
    this.#crowded.open()
  }

  #settled(list: Map<string, number>, key: string, since: number): void {
    if ((list.get(key) ?? 0) <= since) list.delete(key)
  }

  /** Two may make the same segment at once: the one that saw more stays. */
  #install(key: string, record: SegmentRecord | undefined, asOf: number): void {
    const known = this.#entries.get(key)
    if (known !== undefined && known.asOf > asOf) return
    this.#held -= heldOf(known)
    const segment = record && openSegment(record, (address) => this.#number(address))
    const isFull = this.#held + (segment?.length ?? 0) > HELD
    const entry = { asOf, segment: isFull && !this.#unsaved.has(key) ? withoutText(segment) : segment }
    this.#entries.set(key, entry)
    this.#held += heldOf(entry)
    if (this.#held > HELD) this.#letGo()
  }

  #number(address: Address): number {
    const known = this.#numbers.get(address)
    if (known !== undefined) return known
    this.#numbers.set(address, this.#numbers.size)
    return this.#numbers.size - 1
  }

  /** The oldest text that is stored too leaves memory. */
  #letGo(): void {
    let oldest: [string, Entry] | undefined
    for (const [key, entry] of this.#entries) {
      if (heldOf(entry) === 0 || this.#unsaved.has(key)) continue
      if (oldest === undefined || newestOf(entry) < newestOf(oldest[1])) oldest = [key, entry]
    }
    if (oldest === undefined) return
    const [key, entry] = oldest
    this.#held -= heldOf(entry)
    this.#entries.set(key, { ...entry, segment: withoutText(entry.segment) })
  }

  /** Looks for messages beside the segments that are known. */
  async #findHoles(): Promise<void> {
    const { store } = this.#core
    const known = new Map<ConversationId, number[]>()
    for (const key of this.#entries.keys()) {
      const { conversation, bucket } = segmentOf(key) as NonNullable<ReturnType<typeof segmentOf>>
      known.set(conversation, [...(known.get(conversation) ?? []), bucket])
    }
    const found: Hole[] = []
    for (let before: number | undefined; ; ) {
      const rows = await store.read((tx) =>
        tx.page<ConversationRecord>('conversations', {
          scope: 'all',
          limit: PAGE,
          order: 'descending',
          ...(before === undefined ? {} : { before }),
        }),
      )
      const gaps = rows.flatMap(({ value: { id } }) => gapsOf(id, known.get(id) ?? []))
      for (const some of inChunks(gaps, PAGE))
        found.push(
          ...(await store.read(async (tx) => {
            const newest = await Promise.all(some.map((hole) => newestIn(tx, hole)))
            return some.filter((_, at) => newest[at] !== undefined)
          })),
        )
      before = rows[rows.length - 1]?.position
      if (rows.length < PAGE) break
    }
    this.#holes = found
  }

  /** Writes some segments that are missing; false if none is. */
  async #saveSome(): Promise<boolean> {
    if (this.#unsaved.size === 0 && this.#holes.length === 0) return false
    const { since, made, holes } = await this.#core.store.write(async (tx) => {
      const since = this.#changes
      const made: [string, SegmentRecord | undefined][] = []
      const keys = [...this.#unsaved.keys()]
      const holes = [...this.#holes]
      for (let messages = 0; messages < SLICE; ) {
        const hole = keys.length > 0 ? undefined : holes.shift()
        const key = hole === undefined ? keys.shift() : await this.#openHole(tx, hole, holes)
        if (key === undefined && hole === undefined) break
        if (key === undefined) continue
        const record = await makeFrom(tx, key)
        this.#ordinal += 1
        if (record !== undefined) tx.put('search', { key, scope: SCOPE, position: this.#ordinal, value: record })
        made.push([key, record])
        messages += record?.places.length ?? 1
      }
      return { since, made, holes }
    })
    this.#holes = holes
    for (const [key, record] of made) {
      this.#settled(this.#unsaved, key, since)
      this.#settled(this.#stale, key, since)
      this.#install(key, record, since)
    }
    return true
  }

  /** The newest segment of a hole; what is left of the hole waits until every other conversation had its turn. */
  async #openHole(tx: StoreReader, hole: Hole, holes: Hole[]): Promise<string | undefined> {
    const newest = await newestIn(tx, hole)
    if (newest === undefined) return undefined
    const bucket = bucketOf(newest)
    const [first] = placesOf(bucket)
    if (first - 1 > hole.after) holes.push({ ...hole, before: first })
    return segmentKey(hole.conversation, bucket)
  }
}

const heldOf = (entry: Entry | undefined): number => (entry?.segment?.text === undefined ? 0 : entry.segment.length)

const newestOf = ({ segment }: Entry): number => segment?.newest ?? Number.POSITIVE_INFINITY

const withoutText = (segment: Segment | undefined): Segment | undefined => segment && { ...segment, text: undefined }

const newestIn = async (tx: StoreReader, { conversation, after, before }: Hole): Promise<number | undefined> => {
  const [row] = await tx.page('messages', { scope: conversation, after, before, order: 'descending', limit: 1 })
  return row?.position
}

/** What lies between, before and behind the buckets. */
const gapsOf = (conversation: ConversationId, buckets: readonly number[]): readonly Hole[] => {
  const gaps: Hole[] = []
  let after = Number.MIN_SAFE_INTEGER
  for (const bucket of [...buckets].sort((a, b) => a - b)) {
    const [first, end] = placesOf(bucket)
    if (first - 1 > after) gaps.push({ conversation, after, before: first })
    after = end - 1
  }
  if (after < Number.MAX_SAFE_INTEGER - 1) gaps.push({ conversation, after, before: Number.MAX_SAFE_INTEGER })
  return gaps
}

/** A segment as the messages are now; undefined where there are none. */
const makeFrom = async (tx: StoreReader, key: string): Promise<SegmentRecord | undefined> => {
  const { conversation, bucket } = segmentOf(key) as NonNullable<ReturnType<typeof segmentOf>>
  const [first, end] = placesOf(bucket)
  const rows = await tx.page<MessageRecord>('messages', {
    scope: conversation,
    after: first - 1,
    before: end,
    limit: BUCKET_LIMIT,
  })
  if (rows.length === 0) return undefined
  const docs = rows.flatMap(({ value: { place, at, from, content } }) => {
    const words = wordsOf(content)
    return words === undefined ? [] : [{ place, at, from, words }]
  })
  return makeSegment(conversation, bucket, docs)
}
