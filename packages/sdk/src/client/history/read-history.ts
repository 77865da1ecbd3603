import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import { decodeSegment, type Segment } from '../../protocol/history/segment.ts'
import { decodeIndex, type SegmentIndex } from '../../protocol/history/segment-index.ts'
import { indexSlot, segmentSlot } from '../../protocol/history/slots.ts'
import { inChunks } from '../../util/batches.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { getChain, segmentsOf } from './chain.ts'
import { getHistory, putHistory } from './note.ts'
import { pastTaken } from './progress.ts'
import { openSlot } from './records.ts'
import { atEach, getSlot, slotsOfKind } from './slots.ts'
import { checkSteps, takeLeftSteps } from './steps.ts'
import { takePast } from './take-past.ts'

/** Segments that are on their way at once. */
const AHEAD = 4
/** Messages that one transaction takes in: reading stays quick meanwhile. */
const BATCH = 100
const SCOPE = 'reading'
const NOTHING: Segment = { version: 0, messages: [] }

/** archive/reading/<hex chain>, scope 'reading': a chain of the archive and how far it was read. */
interface ReadingRecord {
  readonly index: SegmentIndex
  /** Of the segments in the index, so many are still to be read: the older ones. */
  readonly left: number
}

interface Step {
  readonly key: string
  readonly index: SegmentIndex
  readonly place: number
}

/**
 * Reads messages from the archive, newest first over all chains, until nothing is left. It may be repeated after any
 * crash: each transaction takes messages in and notes how far it got.
 */
export const readHistory = async (core: Core): Promise<void> => {
  const { store, signal } = core
  await takeLeftSteps(core)
  const record = await store.read(getHistory)
  if (record === undefined || record.archive === 'done') return
  if (record.archive === 'unread') await listChains(core)
  while (true) {
    signal.throwIfAborted()
    const steps = await store.read(nextSteps)
    if (steps.length === 0) break
    const segments = await Promise.all(steps.map((step) => segmentAt(core, step)))
    for (const [index, step] of steps.entries()) await takeSegment(core, step, segments[index] ?? NOTHING)
  }
  await store.write(async (tx) => {
    await endReading(tx)
    await putHistory(tx, { archive: 'done' })
    if (record.device === 'waiting') await putJob(tx, 'ask-history', { kind: 'ask-history' }, core.clock.now())
    await pastTaken(tx, core.clock.now())
  })
}

/** Empty segments are passed over without a step. */
const endReading = async (tx: StoreWriter): Promise<void> => {
  for (const { key, value } of await tx.page<ReadingRecord>('archive', { scope: SCOPE, limit: 10_000 }))
    if (value.left > 0) putReading(tx, key.slice('reading/'.length), { ...value, left: 0 })
}

/** What each chain's newest index tells, of all home relays. */
const listChains = async (core: Core): Promise<void> => {
  const { store, self } = core
  const found = new Map<string, SegmentIndex>()
  let reached = 0
  const listing = atEach(core, async (relay) => {
    for await (const { slot, body } of slotsOfKind(core, relay, 'index')) {
      const index = await openIndex(core, slot, body)
      if (index === undefined || !equalBytes(slot, indexSlot(self.address, index.chain))) continue
      const key = toHex(index.chain)
      if ((found.get(key)?.version ?? -1) < index.version) found.set(key, index)
    }
    reached += 1
  })
  await listing.catch((error: unknown) => {
    if (reached === 0) throw error
  })
  await store.write(async (tx) => {
    for (const [key, index] of found) {
      const before = await tx.get<ReadingRecord>('archive', `reading/${key}`)
      const known = withoutRead(await withoutOwn(tx, index), before)
      putReading(tx, key, { index: known, left: known.segments.length })
    }
    const totals = [...found.values()].map(({ segments }) => segments.reduce((sum, { messages }) => sum + messages, 0))
    await putHistory(tx, { archive: 'listed', ...(totals.length === 0 ? {} : { total: Math.max(...totals) }) })
  })
}

/** Chains that were read to their end. */
export const chainsRead = async (tx: StoreReader): Promise<readonly Uint8Array[]> => {
  const rows = await tx.page<ReadingRecord>('archive', { scope: SCOPE, limit: 1_000 })
  return rows.flatMap(({ value: { index, left } }) => (left === 0 ? [index.chain] : []))
}

const openIndex = async (core: Core, slot: Uint8Array, body: Uint8Array): Promise<SegmentIndex | undefined> => {
  try {
    return decodeIndex(await openSlot(core, slot, body))
  } catch (error) {
    if (!isDchatError(error)) throw error
    core.log.warn('archive index dropped', { code: error.code })
    return undefined
  }
}

/** What this device wrote itself it does not read; but its lost copy may have written more. */
const withoutOwn = async (tx: StoreReader, index: SegmentIndex): Promise<SegmentIndex> => {
  const chain = await getChain(tx)
  if (chain === undefined || !equalBytes(chain.id, index.chain)) return index
  const own = new Map((await segmentsOf(tx)).map((segment) => [segment.number, segment]))
  const segments = index.segments.map((told, place) => {
    const known = own.get(index.first + place)
    const isKnown = known !== undefined && !known.foreign && known.version >= told.version
    return isKnown ? { ...told, messages: 0 } : told
  })
  return { ...index, segments }
}

/** What was read before, and is as it was then, is not read again. */
const withoutRead = (index: SegmentIndex, before: ReadingRecord | undefined): SegmentIndex => {
  if (before === undefined) return index
  const segments = index.segments.map((told, place) => {
    const past = index.first + place - before.index.first
    const known = past < before.left ? undefined : before.index.segments[past]
    return known !== undefined && known.version >= told.version ? { ...told, messages: 0 } : told
  })
  return { ...index, segments }
}

const putReading = (tx: StoreWriter, chain: string, record: ReadingRecord): void =>
  tx.put('archive', {
    key: `reading/${chain}`,
    scope: SCOPE,
    position: Number.parseInt(chain.slice(0, 12), 16),
    value: record,
  })

/** The newest segments that were not read, of all chains; those of one chain in its order, whatever their times say. */
const nextSteps = async (tx: StoreReader): Promise<readonly Step[]> => {
  const rows = await tx.page<ReadingRecord>('archive', { scope: SCOPE, limit: 10_000 })
  const chains = rows.map(({ key, value: { index, left } }) => ({ key, index, left }))
  const newest = ({ index, left }: { index: SegmentIndex; left: number }) => index.segments[left - 1]?.newest ?? -1
  const steps: Step[] = []
  while (steps.length < AHEAD) {
    const [next] = chains.filter(({ left }) => left > 0).sort((a, b) => newest(b) - newest(a))
    if (next === undefined) break
    next.left -= 1
    if (next.index.segments[next.left]?.messages === 0) continue
    steps.push({ key: next.key, index: next.index, place: next.left })
  }
  return steps
}

/**
 * The messages of a segment, from the first home relay that has it as new as the index tells; none where nobody has. A relay
 * cannot make one up, nor give one in the place of another; what is older than it was is not taken.
 */
const segmentAt = async (core: Core, { index, place }: Step): Promise<Segment> => {
  const told = index.segments[place]
  if (told === undefined || told.messages === 0) return NOTHING
  const slot = segmentSlot(core.self.address, index.chain, index.first + place)
  let found: Segment | undefined
  let reached = 0
  const asking = atEach(core, async (relay) => {
    if (found !== undefined) return
    const body = await getSlot(core, relay, slot)
    reached += 1
    if (body === null) return
    const segment = decodeSegment(await openSlot(core, slot, body))
    if (segment.version >= told.version) found = segment
    else core.log.warn('archive segment dropped', { code: 'old' })
  })
  await asking.catch((error: unknown) => {
    if (found === undefined && reached === 0) throw error
    if (isDchatError(error)) core.log.warn('archive segment dropped', { code: error.code })
  })
  return found ?? NOTHING
}

const takeSegment = async (core: Core, { key, place, index }: Step, { messages, steps }: Segment): Promise<void> => {
  const putSteps = await checkSteps(core, steps)
  const batches = inChunks([...messages].reverse(), BATCH)
  for (const [number, batch] of (batches.length === 0 ? [[]] : batches).entries())
    await core.store.write(async (tx) => {
      const reading = await tx.get<ReadingRecord>('archive', key)
      // Asked for anew meanwhile: another round goes through all of it.
      if (reading === undefined || reading.left <= place) return
      const record = await getHistory(tx)
      const added = await takePast(tx, core, batch, 'archive')
      const isLast = number >= batches.length - 1
      if (isLast) await putSteps(tx)
      if (isLast) putReading(tx, key.slice('reading/'.length), { ...reading, left: place })
      const since = index.segments[place - 1]?.newest
      await putHistory(tx, {
        messages: (record?.messages ?? 0) + added,
        ...(isLast && since !== undefined ? { since } : {}),
      })
    })
}
