import { personOf } from '../../domain/rooms/permissions.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError, isDchatError, isRelayFault } from '../../errors.ts'
import { encodedLog } from '../../protocol/identity/log.ts'
import { type Envelope, encodeEnvelope, payloadBytes } from '../../protocol/messages/envelope.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import { offerCommitment, SALT_LENGTH } from '../../protocol/offers/commitment.ts'
import { entryHash } from '../../protocol/topic/entry.ts'
import { wrapEntry } from '../../protocol/topic/wrap.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { within } from '../../util/wait.ts'
import { enqueue } from '../intents.ts'
import { putMessage } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import { isSilent } from '../people/silence.ts'
import type { IntentRecord, MessageRecord, RoomRecord } from '../records.ts'
import { hasElsewhere } from './hubs-in.ts'
import { type Placed, settleUnseen } from './sent-unseen.ts'
import { epochOf, getControl, keysOf, type RoomSession } from './session.ts'

/** Intents that go out in one request; the relay takes them all or none, so their order holds. */
const BATCH = 64
const BATCH_BYTES = 512 * 1024
/** Room for what stands around the content of an entry. */
const ENVELOPE_BYTES = 1_024
const TIMEOUT = 30_000
const PAUSE = 1_000

/** Sends what is queued for the room, in order, one batch at a time, until the client closes. */
export const sendLoop = async (session: RoomSession, signal: AbortSignal): Promise<void> => {
  const { caughtUp, outgoing, core } = session
  while (!signal.aborted) {
    // Entries that made it before a crash are read back first: nothing that stands in the log is sent twice.
    await caughtUp.wait({ signal })
    await core.sending.wait({ signal })
    await outgoing.wait({ signal })
    outgoing.shut()
    while (session.isMember && (await sendBatch(session, signal))) signal.throwIfAborted()
  }
}

/** One round; false when there is nothing (more) to send now. */
const sendBatch = async (session: RoomSession, signal: AbortSignal): Promise<boolean> => {
  const { core } = session
  let last: readonly IntentRecord[] = []
  try {
    const batch = await session.lock.run(() => prepare(session))
    if (batch === undefined) return false
    const { entries, topic, after } = batch
    last = batch.last
    await session.prove({ signal })
    const { receipts } = await core.links
      .get(session.record.hub.url)
      .request('topic.publish', { topic, entries, after }, { signal, timeout: TIMEOUT })
    for (const receipt of receipts) await session.verify(receipt)
    // The place counts when it was read back in the topic's order; until then nothing new goes out.
    const furthest = Math.max(...receipts.map(({ seq }) => seq))
    const isOver = ({ state, topic: now }: RoomRecord) => state !== 'open' || !equalBytes(now, topic)
    await session.reach(furthest, isOver, { signal })
    if (!isOver(session.record)) {
      await settleUnseen(
        session,
        receipts.flatMap((receipt, at) => placedBy(last[at], receipt)),
      )
      await checkPlaced(session, last)
    }
    return true
  } catch (error) {
    signal.throwIfAborted()
    return recover(session, error, last, signal)
  }
}

const placedBy = (intent: IntentRecord | undefined, receipt: Placed['receipt']): readonly Placed[] =>
  intent === undefined ? [] : [{ intent, receipt }]

/** The relay said that the batch stands in the log, and the log was read that far: it must have been in it. */
const checkPlaced = async (session: RoomSession, [first]: readonly IntentRecord[]): Promise<void> => {
  const { core, record } = session
  if (first === undefined) return
  const left = await core.store.read((tx) => tx.get<IntentRecord>('outbox', toHex(first.reference)))
  if (left === undefined) return
  throw new DchatError('relay/equivocation', { relay: record.hub.url, topic: toHex(record.topic), seq: record.seq })
}

const recover = async (
  session: RoomSession,
  error: unknown,
  last: readonly IntentRecord[],
  signal: AbortSignal,
): Promise<boolean> => {
  const { core } = session
  if (!isDchatError(error)) throw error
  core.log.debug('publish failed', { code: error.code })
  if (isDchatError(error, 'relay/wrong-epoch')) {
    const { epoch } = error.details
    const caughtUp = (wait: AbortSignal) =>
      session.until((record) => epochOf(record) >= epoch || record.state !== 'open', { signal: wait })
    const before = session.record.seq
    // It says that a commit ended the epoch: then it has one to deliver.
    if (!(await within(core.clock, 30 * PAUSE, caughtUp, { signal })) && session.record.seq === before)
      await (await import('../later.ts')).withheld(session)
    return true
  }
  if (isDchatError(error, 'transport/rate-limited')) {
    await core.clock.sleep(error.details.retryAfter, { signal })
    return true
  }
  if (isRelayFault(error)) throw error
  if (error.retryable || error.code === 'relay/not-permitted' || mayGoOnElsewhere(session, error)) {
    // A full disk passes only when somebody frees it.
    if (error.code === 'storage/full') core.events.emit({ type: 'problem', code: error.code, message: error.message })
    // An abandoned try may have reached the log; its entry then comes back through the topic.
    await core.clock.sleep(PAUSE, { signal })
    return true
  }
  const { failIntents } = await import('../later.ts')
  await failIntents(core, last, error.code)
  session.settle({})
  return true
}

/** A hub that has lost the conversation, or that is another relay, is left: what waits goes out at the next one. */
const mayGoOnElsewhere = (session: RoomSession, { code }: DchatError): boolean =>
  code === 'relay/unknown-topic' && hasElsewhere(session)

/** Encrypts a batch in the current epoch; state and tried hashes are durable before a ciphertext leaves. */
const prepare = async (
  session: RoomSession,
): Promise<
  { topic: Uint8Array; after: number; entries: readonly EntryUpload[]; last: readonly IntentRecord[] } | undefined
> => {
  const { core } = session
  // A commit that waits for somebody's approval keeps no message waiting.
  if (!session.isMember || (session.record.pending !== undefined && !session.asksOthers)) return undefined
  const queued = await core.store.read(async (tx) =>
    (await isSilent(tx, core, session.snapshot)) || (await isAstray(tx, session))
      ? []
      : tx.page<IntentRecord>('outbox', { scope: session.id, limit: BATCH }),
  )
  if (queued.length === 0) return undefined
  const intents = withinBytes(queued.map(({ value }) => value))
  const { record } = session
  let group = session.member()
  const entries: EntryUpload[] = []
  const tried: IntentRecord[] = []
  let carried = record.logCarried
  const spent: Group[] = []
  for (const intent of intents) {
    const sealed = await seal(session, record, group, intent, carried)
    group = sealed.group
    spent.push(group)
    carried = core.self.log.head
    entries.push(sealed.entry)
    tried.push(withTry(intent, core.self.log.entries.length, sealed))
  }
  const next: RoomRecord = { ...record, logCarried: core.self.log.head }
  const sending = await core.store.write(async (tx) => {
    session.put(tx, { record: next, group })
    const updates = []
    for (const intent of tried) {
      enqueue(tx, intent)
      if (intent.messageId === undefined) continue
      const message = await tx.get<MessageRecord>('messages', intent.messageId)
      if (message === undefined || message.state !== 'queued') continue
      const value: MessageRecord = { ...message, state: 'sending' }
      putMessage(tx, value)
      updates.push(toMessage(value))
    }
    return updates
  })
  session.settle({ record: next, group })
  for (const used of spent) core.engine.forget(used)
  for (const message of sending) core.updates.emit(message)
  return { topic: record.topic, after: record.seq, entries, last: tried }
}

/** A channel with somebody who is not in its group, as far as this device knows: nothing is said there until they agree. */
export const isAstray = async (
  tx: StoreReader,
  { core, id, snapshot }: Pick<RoomSession, 'core' | 'id' | 'snapshot'>,
): Promise<boolean> => {
  const { parent, bots, people } = snapshot
  const bot = bots?.[0]?.address
  if (parent === undefined || bot === core.self.address) return false
  const group = (await getControl(tx, toHex(parent)))?.snapshot
  const isListed = group?.bots?.some(({ channel }) => channel !== undefined && toHex(channel.room) === id)
  if (group === undefined || !isListed) return true
  return people.some(({ address }) => address !== bot && personOf(group, address) === undefined)
}

/** In a channel its bot signs what it says (bots.md). */
const saidIn = async (session: RoomSession, content: Uint8Array): Promise<Envelope['payload']> =>
  session.snapshot.kind === 'channel'
    ? (await import('../later.ts')).postOf(session, content)
    : { kind: 'content', content }

const TRIES = 16

const withTry = (
  intent: IntentRecord,
  log: number,
  { hash, salt }: { hash: Uint8Array; salt?: Uint8Array },
): IntentRecord => {
  const { tried, named = [], offer } = intent
  const next = { ...intent, tried: [...tried, hash].slice(-TRIES), named: [...named, log].slice(-TRIES) }
  if (offer === undefined || salt === undefined) return next
  return { ...next, offer: { ...offer, salts: [...offer.salts, { entry: hash, salt }].slice(-TRIES) } }
}

const bytesOf = ({ content, control }: IntentRecord): number =>
  control === undefined ? content.length : payloadBytes(control).length

const withinBytes = (intents: readonly IntentRecord[]): readonly IntentRecord[] => {
  const fitting: IntentRecord[] = []
  let bytes = 0
  const [first] = intents
  for (const intent of intents) {
    bytes += bytesOf(intent) + ENVELOPE_BYTES
    if (fitting.length > 0 && bytes > BATCH_BYTES) break
    // A step of an offer does not wait until talk is sealed and read back with it.
    if (first?.offer !== undefined && intent.offer === undefined) break
    fitting.push(intent)
  }
  return fitting
}

const seal = async (
  session: RoomSession,
  record: RoomRecord,
  group: Group,
  intent: IntentRecord,
  carried: Uint8Array | undefined,
): Promise<{ entry: EntryUpload; group: Group; hash: Uint8Array; salt?: Uint8Array }> => {
  const { core } = session
  const { log } = core.self
  const epoch = epochOf(record)
  const keys = keysOf(record, epoch)
  if (keys === undefined) throw new DchatError('conversation/not-member', { conversation: record.conversation })
  // A fresh salt for each try: under one key the wrap's first bytes never repeat.
  const salt = intent.offer === undefined ? undefined : core.crypto.random(SALT_LENGTH)
  const envelope: Envelope = {
    ...(salt === undefined ? {} : { salt }),
    seen: { seq: record.seq, head: record.head },
    logHead: log.head,
    ...(carried !== undefined && equalBytes(carried, log.head) ? {} : { log: encodedLog(log) }),
    payload: intent.control ?? (await saidIn(session, intent.content)),
  }
  const { message, next } = await core.engine.encrypt(group, encodeEnvelope(envelope), new Uint8Array(0))
  const context = { topic: record.topic, kind: 'application', epoch } as const
  const commitment = salt && intent.offer && offerCommitment(intent.offer.event, salt)
  const body = await wrapEntry(core.crypto, keys.wrapKey, context, message, commitment)
  const entry: EntryUpload = { kind: 'application', epoch, reference: intent.reference, body }
  const hash = entryHash({ ...entry, topic: record.topic })
  return { entry, group: next, hash, ...(salt === undefined ? {} : { salt }) }
}
