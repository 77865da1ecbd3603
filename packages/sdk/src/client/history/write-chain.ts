import type { StoreReader } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import { encodeSegment, SEGMENT_LIMIT } from '../../protocol/history/segment.ts'
import { decodeIndex, encodeIndex, type SegmentIndex } from '../../protocol/history/segment-index.ts'
import { indexSlot, segmentSlot } from '../../protocol/history/slots.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import {
  beginChain,
  type ChainRecord,
  dropChain,
  getChain,
  getSegment,
  messagesOf,
  moveToEnd,
  putChain,
  putSegment,
  type SegmentRecord,
  segmentsOf,
  takeChanged,
  takeNewer,
  takeOlder,
} from './chain.ts'
import { keepRecord, openSlot } from './records.ts'
import { atEach, getSlot, putSlot } from './slots.ts'
import { stepsFor } from './steps.ts'

/** Segments that are written before the index tells of them. */
const INDEXED = 8
const NOTHING = new Uint8Array()

/** Brings message bodies in the archive up to date: what is new first, then what changed, then what is older. */
export const writeChain = async (core: Core): Promise<void> => {
  const { store } = core
  if ((await store.read(getChain)) === undefined) await store.write((tx) => beginChain(tx, core))
  await checkChain(core)
  while (await takeChanged(core)) core.signal.throwIfAborted()
  while (await takeNewer(core)) core.signal.throwIfAborted()
  let failure = await writeSegments(core)
  let more = true
  while (more) {
    for (let taken = 0; more && taken < INDEXED; taken++) more = await takeOlder(core)
    core.signal.throwIfAborted()
    failure = await writeSegments(core)
  }
  if (failure !== undefined) throw failure
}

/** A relay that is away is behind alone: what failed there is handed back. */
const writeSegments = async (core: Core): Promise<unknown> => {
  try {
    await writeDue(core)
    return undefined
  } catch (error) {
    if (isDchatError(error, 'transport/unreachable')) return error
    throw error
  }
}

const writeDue = (core: Core): Promise<void> =>
  atEach(core, async (relay) => {
    const behind = ({ at, version, foreign }: SegmentRecord) => !foreign && (at[relay] ?? 0) < version
    // Newest first: what is read first is there first.
    const due = (await core.store.read(segmentsOf)).filter(behind).reverse()
    for (const [index, { number }] of due.entries()) {
      await writeSegment(core, relay, number)
      if (index % INDEXED === INDEXED - 1) await writeIndex(core, relay)
    }
    if (due.length > 0 || (await core.store.read((tx) => isIndexBehind(tx, relay)))) await writeIndex(core, relay)
  })

const writeSegment = async (core: Core, relay: RelayUrl, number: number): Promise<void> => {
  const { store, self } = core
  const made = await store.write(async (tx) => {
    const [chain, segment] = [await getChain(tx), await getSegment(tx, number)]
    if (chain === undefined || segment === undefined) return undefined
    const messages = [...(await messagesOf(tx, segment))]
    const encoded = async () => encodeSegment({ version: segment.version, messages, ...(await stepsFor(tx, messages)) })
    let bytes = await encoded()
    while (bytes.length > SEGMENT_LIMIT && messages.length > 1) {
      await moveToEnd(tx, messages.pop() as (typeof messages)[0])
      bytes = await encoded()
    }
    // One message alone, with all that its step carries: the words without it.
    if (bytes.length > SEGMENT_LIMIT) bytes = encodeSegment({ version: segment.version, messages })
    putSegment(tx, { ...segment, messages: messages.length, bytes: bytes.length })
    return { chain, bytes, version: segment.version }
  })
  if (made === undefined) return
  await keepRecord(core, relay, segmentSlot(self.address, made.chain.id, number), made.bytes)
  await store.write(async (tx) => {
    const segment = await getSegment(tx, number)
    if (segment !== undefined) putSegment(tx, { ...segment, at: { ...segment.at, [relay]: made.version } })
  })
}

/** The number of segments and the version that the index at each relay tells of. */
type Indexed = Readonly<Record<RelayUrl, number>>
const INDEX = 'index'

/** An index that a crash kept from being written. */
const isIndexBehind = async (tx: StoreReader, relay: RelayUrl): Promise<boolean> => {
  const chain = await getChain(tx)
  const told = (await tx.get<Indexed>('archive', INDEX))?.[relay]
  return chain !== undefined && chain.next > chain.first && told !== chain.next - chain.first
}

const writeIndex = async (core: Core, relay: RelayUrl): Promise<void> => {
  const { store, self } = core
  const chain = await store.write(async (tx) => {
    const known = await getChain(tx)
    if (known === undefined) return undefined
    const next = { ...known, version: known.version + 1 }
    putChain(tx, next)
    return next
  })
  if (chain === undefined) return
  const index = indexOf(chain, await store.read(segmentsOf), relay)
  await keepRecord(core, relay, indexSlot(self.address, chain.id), encodeIndex(index))
  await store.write(async (tx) => {
    const told = (await tx.get<Indexed>('archive', INDEX)) ?? {}
    tx.put('archive', { key: INDEX, value: { ...told, [relay]: index.segments.length } })
  })
}

/** What a relay holds; a segment that it does not have yet is told as empty. */
const indexOf = ({ id, version }: ChainRecord, segments: readonly SegmentRecord[], relay: RelayUrl): SegmentIndex => ({
  chain: id,
  version,
  first: segments[0]?.number ?? 0,
  segments: segments.map(({ messages, bytes, newest, at }) => {
    const held = at[relay] ?? 0
    return held === 0 ? { messages: 0, bytes: 0, version: 0, newest } : { messages, bytes, newest, version: held }
  }),
})

/**
 * A store that was restored is behind what the relays hold of its chain. It goes on behind that: segments that it does not
 * know in this form stay as they are, and are read like those of another device.
 */
const checkChain = async (core: Core): Promise<void> => {
  const { store, self } = core
  const chain = await store.read(getChain)
  if (chain === undefined || chain.checked) return
  const slot = indexSlot(self.address, chain.id)
  await atEach(core, async (relay) => {
    const body = await getSlot(core, relay, slot)
    if (body === null) return
    const index = await openedIndex(core, slot, body)
    if (index !== undefined) await adopt(core, relay, index)
  })
  await store.write(async (tx) => {
    const now = await getChain(tx)
    if (now !== undefined) putChain(tx, { ...now, checked: true })
  })
}

const openedIndex = async (core: Core, slot: Uint8Array, body: Uint8Array): Promise<SegmentIndex | undefined> => {
  try {
    return decodeIndex(await openSlot(core, slot, body))
  } catch (error) {
    if (!isDchatError(error)) throw error
    core.log.warn('archive index dropped', { code: error.code })
    return undefined
  }
}

const adopt = (core: Core, relay: RelayUrl, index: SegmentIndex): Promise<void> =>
  core.store.write(async (tx) => {
    const chain = await getChain(tx)
    if (chain === undefined) return
    for (const [place, told] of index.segments.entries()) {
      const number = index.first + place
      const known = await getSegment(tx, number)
      if (known !== undefined && !known.foreign && known.version >= told.version) continue
      const at = { ...known?.at, [relay]: told.version }
      const version = Math.max(known?.version ?? 0, told.version)
      const range = known === undefined ? { from: 0, to: -1 } : { from: known.from, to: known.to }
      putSegment(tx, { ...told, ...range, number, version, at, foreign: true })
    }
    putChain(tx, {
      ...chain,
      first: Math.min(chain.first, index.first),
      next: Math.max(chain.next, index.first + index.segments.length),
      version: Math.max(chain.version, index.version),
    })
  })

/** Takes message bodies out of the archive: what this device put there. */
export const takeChainBack = async (core: Core): Promise<void> => {
  const { store, self } = core
  const chain = await store.read(getChain)
  if (chain === undefined) return
  await checkChain(core)
  const segments = await store.read(segmentsOf)
  await atEach(core, async (relay) => {
    await putSlot(core, relay, indexSlot(self.address, chain.id), NOTHING)
    for (const { number, at } of segments)
      if ((at[relay] ?? 0) > 0) await putSlot(core, relay, segmentSlot(self.address, chain.id, number), NOTHING)
  })
  await store.write(async (tx) => {
    await dropChain(tx)
    tx.delete('archive', INDEX)
  })
}
