import { DchatError, type ErrorCode, isDchatError } from '../../errors.ts'
import { matchesReceipt, nextHead, ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { areContradicted, areProof, encodeEvidence, type SignedByRelay } from '../../protocol/topic/evidence.ts'
import { decodeReceipt, encodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import { READ_LIMIT } from '../../protocol/wire/limits.ts'
import type { Entry, Receipt } from '../../protocol/wire/methods.ts'
import type { AuditedTopic, AuditReport } from '../../records/audit.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { getConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'
import { type FaultRecord, faultsIn } from './fault-record.ts'
import { keepAndTell } from './hub-fault.ts'

const TIMEOUT = 30_000
/** The newest receipts of each topic that go into the evidence, to be laid beside those of other members. */
const NEWEST = 1_024

type Code = Extract<ErrorCode, `relay/${string}`>

/** What the walk over a log remembers. */
interface Walk {
  readonly session: RoomSession
  /** As this device had it when the walk began. */
  readonly record: RoomRecord
  seq: number
  head: Uint8Array
  last: Receipt | undefined
  /** Places of the entries whose bodies the relay still has, by the hashes of these entries. */
  readonly places: Map<string, Receipt>
  readonly newest: Uint8Array[]
  readonly faults: FaultRecord[]
}

/**
 * Reads everything again that the relays of a conversation serve, and holds it against the rules of the log and what this
 * device was told before. What is found is kept. Throws `conversation/unknown`; a relay that cannot be asked is named.
 */
export const auditConversation = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  options: Abortable = {},
): Promise<AuditReport> => {
  const conversation = await core.store.read((tx) => getConversation(tx, id))
  if (conversation === undefined) throw new DchatError('conversation/unknown', { conversation: id })
  const topics: AuditedTopic[] = []
  const faults: FaultRecord[] = []
  const signed: SignedByRelay[] = []
  for (const room of conversation.rooms) {
    const session = rooms.get(room)
    if (session === undefined) continue
    const walk = walkOf(session)
    topics.push(await auditTopic(walk, options))
    for (const fault of walk.faults) await keepAndTell(core, room, fault, id)
    const kept = await core.store.read((tx) => faultsIn(tx, room))
    faults.push(...kept)
    const proofs = kept.map(({ relayKey = session.record.hub.key, receipts }) => ({ relayKey, receipts }))
    signed.push(...proofs, { relayKey: session.record.hub.key, receipts: walk.newest })
  }
  // What was found of the relays besides: the logs and key packages that they serve.
  const { directory, self, store } = core
  const peers = conversation.peer === undefined ? [] : directory.relaysOf(conversation.peer)
  for (const relay of new Set([...topics.map(({ relay: hub }) => hub), ...peers, ...self.relays]))
    faults.push(...(await store.read((tx) => faultsIn(tx, relay))))
  const evidence = merged(signed)
  const isProven = ({ relayKey, receipts }: FaultRecord): boolean =>
    areProof(receipts) ||
    evidence.some((one) => relayKey && equalBytes(one.relayKey, relayKey) && areContradicted(receipts, one.receipts))
  return {
    conversation: id,
    topics,
    findings: faults
      .toSorted((a, b) => a.at - b.at)
      .map((fault) => {
        const { relay, code, message, seq, hearsay = false, at } = fault
        return { relay, code, message, ...(seq !== undefined && { seq }), proof: isProven(fault), hearsay, at }
      }),
    evidence: encodeEvidence(evidence),
  }
}

const walkOf = (session: RoomSession): Walk => ({
  session,
  record: session.record,
  seq: 0,
  head: ZERO_HEAD,
  last: undefined,
  places: new Map(),
  newest: [],
  faults: [],
})

const auditTopic = async (walk: Walk, options: Abortable): Promise<AuditedTopic> => {
  const { session, record } = walk
  const { hub, topic } = record
  const seen: { entries: number; problem?: ErrorCode } = { entries: 0 }
  try {
    await session.prove({ ...options })
    const link = session.core.links.get(hub.url)
    for (let after = 0; ; ) {
      const page = await link.request(
        'topic.read',
        { topic, after, limit: READ_LIMIT },
        { signal: session.core.signal, ...options, timeout: TIMEOUT },
      )
      for (const entry of page.entries) await check(walk, entry)
      seen.entries += page.entries.length
      if (page.entries.length === 0 || walk.seq <= after) break
      after = walk.seq
    }
    if (walk.seq < record.seq) note(walk, 'relay/missing-entry', walk.seq + 1, receiptOf(record))
  } catch (error) {
    options.signal?.throwIfAborted()
    session.core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    seen.problem = error.code
  }
  return { relay: hub.url, relayKey: toHex(hub.key), topic: toHex(topic), read: record.seq, ...seen }
}

const check = async (walk: Walk, entry: Entry): Promise<void> => {
  const { session, record, last } = walk
  const { receipt } = entry
  const { seq } = receipt
  if (seq <= walk.seq) return note(walk, 'relay/repeated-entry', seq)
  if (seq > walk.seq + 1) note(walk, 'relay/missing-entry', walk.seq + 1)
  const isNext = seq === walk.seq + 1
  walk.seq = seq
  let head: Uint8Array
  try {
    if (!equalBytes(receipt.topic, record.topic))
      throw new DchatError('relay/bad-receipt', { relay: record.hub.url, reason: 'it is for another topic' })
    head = await session.verify(receipt)
  } catch (error) {
    if (!isDchatError(error, 'relay/bad-receipt')) throw error
    note(walk, error, seq)
    walk.last = undefined
    return
  }
  if (isNext && (last !== undefined || seq === 1) && !equalBytes(receipt.previous, walk.head))
    note(walk, 'relay/equivocation', seq, last, receipt)
  if (last !== undefined && receipt.time < last.time) note(walk, 'relay/time-backwards', seq, last, receipt)
  if (entry.body !== null) {
    const hash = toHex(receipt.entry)
    const earlier = walk.places.get(hash)
    if (earlier !== undefined) note(walk, 'relay/repeated-entry', seq, earlier, receipt)
    walk.places.set(hash, receipt)
    if (!matchesReceipt(entry)) note(walk, 'relay/changed-entry', seq, receipt)
  }
  const told = record.heads.find((known) => known.seq === seq)
  if (told !== undefined && !equalBytes(told.head, head)) {
    const own = receiptOf(record)
    note(walk, 'relay/equivocation', seq, ...(own?.seq === seq ? [own, receipt] : [receipt]))
  }
  walk.head = nextHead(receipt)
  walk.last = receipt
  walk.newest.push(encodeReceipt(receipt))
  if (walk.newest.length > NEWEST) walk.newest.shift()
}

const receiptOf = ({ receipt }: RoomRecord): Receipt | undefined =>
  receipt === undefined ? undefined : decodeReceipt(receipt)

/** A finding, with the receipts that say so. */
const note = (
  walk: Walk,
  what: Code | DchatError,
  seq: number,
  ...receipts: readonly (Receipt | undefined)[]
): void => {
  const { hub, topic } = walk.record
  const place = { relay: hub.url, topic: toHex(topic), seq }
  const { code, message } = typeof what === 'string' ? new DchatError(what as 'relay/missing-entry', place) : what
  walk.faults.push({
    relay: hub.url,
    relayKey: hub.key,
    code,
    message,
    topic,
    seq,
    receipts: receipts.flatMap((receipt) => (receipt === undefined ? [] : [encodeReceipt(receipt)])),
    at: walk.session.core.clock.now(),
  })
}

/** What each relay signed, once. */
const merged = (signed: readonly SignedByRelay[]): readonly SignedByRelay[] => {
  const relays = new Map<string, { readonly relayKey: Uint8Array; readonly receipts: Map<string, Uint8Array> }>()
  for (const { relayKey, receipts } of signed) {
    const one = relays.get(toHex(relayKey)) ?? { relayKey, receipts: new Map<string, Uint8Array>() }
    relays.set(toHex(relayKey), one)
    for (const receipt of receipts) one.receipts.set(toHex(receipt), receipt)
  }
  return [...relays.values()].map(({ relayKey, receipts }) => ({ relayKey, receipts: [...receipts.values()] }))
}
