import { DchatError, isDchatError } from '../../errors.ts'
import { areProof } from '../../protocol/topic/evidence.ts'
import { encodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import type { ConversationId, RelayUrl } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import type { RoomSession } from '../rooms/session.ts'
import type { Work } from '../rooms/work.ts'
import { type FaultRecord, keepFault } from './fault-record.ts'
import { holdAgainst } from './leave-hub.ts'

const TIMEOUT = 15_000
/** ms in which what the relay says it has may still be on its way. */
const ON_ITS_WAY = 2_000

/** What was told since this client was opened. */
const toldBy = new WeakMap<Core['events'], Set<string>>()

/** Keeps what a relay was caught at, under a room or the relay, and tells it once in the life of a client. */
export const keepAndTell = async (
  { store, events }: Pick<Core, 'store' | 'events'>,
  scope: string,
  fault: FaultRecord,
  conversation?: ConversationId,
): Promise<void> => {
  const { relay, code, seq } = fault
  const told = toldBy.get(events) ?? new Set()
  toldBy.set(events, told)
  const what = `${scope} ${relay} ${code} ${seq}`
  if (told.has(what)) return
  told.add(what)
  await store.write((tx) => keepFault(tx, scope, fault))
  events.emit({
    type: 'relay-fault',
    relay: relay as RelayUrl,
    code,
    ...(conversation !== undefined && { conversation }),
    ...(seq !== undefined && { seq }),
  })
}

/** Each finding counts once, wherever it passes. */
const known = new WeakSet<DchatError>()

/** The hub of a room was caught; `work` is what was being read, with the receipt that contradicts the last one. */
export const hubFault = async (session: RoomSession, fault: DchatError, work?: Work): Promise<void> => {
  if (known.has(fault)) return
  known.add(fault)
  const { core, record } = session
  const { code, message, details } = fault
  const { id, conversation, hub, topic } = record
  const receipts =
    work?.proof === undefined || work.record.receipt === undefined
      ? []
      : [work.record.receipt, encodeReceipt(work.proof)]
  const isHearsay = fault === work?.fault
  const kept: FaultRecord = {
    relay: hub.url,
    relayKey: hub.key,
    code,
    message,
    topic,
    ...('seq' in details && { seq: Number(details.seq) }),
    ...(isHearsay && { hearsay: true }),
    receipts,
    at: core.clock.now(),
  }
  await keepAndTell(core, id, kept, conversation)
  // Nobody may drive a conversation from its hub by word alone.
  if (!isHearsay)
    await holdAgainst(session, code, kept.seq ?? record.seq + 1, areProof(receipts) ? receipts : undefined)
}

/**
 * The hub owes entries that it said it has, and delivered none for long. Where it does not hand out the next one when it is
 * asked for it, on a link that works, that is told; a network that fails is no lie, and what is there and was not taken in is
 * nobody's.
 */
export const withheld = async (session: RoomSession): Promise<void> => {
  const { core, record } = session
  const { hub, topic, seq } = record
  try {
    const link = core.links.get(hub.url)
    if (link.state.state !== 'ready') return
    const next = { topic, after: seq, limit: 1 }
    const { entries } = await link.request('topic.read', next, { signal: core.signal, timeout: TIMEOUT })
    if (entries.length > 0) return
    await core.clock.sleep(ON_ITS_WAY, { signal: core.signal })
    if (link.state.state !== 'ready') return
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    return
  }
  const now = session.record
  if (now.seq !== seq || now.state !== 'open' || !equalBytes(now.topic, topic)) return
  await hubFault(session, new DchatError('relay/withheld', { relay: hub.url, topic: toHex(topic), seq: seq + 1 }))
}
