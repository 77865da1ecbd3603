import { ASKED_AGAIN_AFTER } from '../../domain/rooms/leaving.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError, isDchatError, isRelayFault } from '../../errors.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import { batches } from '../../util/batches.ts'
import { equalBytes } from '../../util/bytes.ts'
import { applyEntry } from './apply.ts'
import { epochOf, type RoomSession, type RoomState } from './session.ts'
import { showControl } from './show-control.ts'
import { storeEffects } from './store-effects.ts'
import { keepTail } from './tail.ts'
import type { Work } from './work.ts'

/** Entries that are decrypted and stored in one transaction. */
const BATCH = 64
const RETRY = 1_000

export interface FollowHooks {
  readonly reports: (tx: StoreReader, session: RoomSession) => Promise<boolean>
  /** Others' messages of this room were stored. */
  readonly onReportDue: (session: RoomSession) => void
}

/** Reads the room's topic from the stored cursor and goes on until the client closes or the room halts. */
export const followRoom = async (session: RoomSession, hooks: FollowHooks, signal: AbortSignal): Promise<void> => {
  const { core } = session
  while (!signal.aborted && session.record.state === 'open') {
    try {
      await checkRelay(session, signal)
      await session.prove({ signal })
      const link = core.links.get(session.record.hub.url)
      const { topic, seq: after } = session.record
      const entries = link.subscribe('topic', { topic, after }, { signal })
      let proven = epochOf(session.record)
      for await (const batch of batches(entries, BATCH)) {
        if (!(await readBatch(session, topic, batch, hooks))) return
        if (epochOf(session.record) === proven) continue
        proven = epochOf(session.record)
        await session.prove({ signal })
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      // Behind what came twice it goes on; anything else may pass, or the room goes on elsewhere.
      const isFault = isRelayFault(error) || error.code === 'identity/untrusted-key'
      if (isFault) await caught(session, error)
      if (isFault && error.code !== 'relay/repeated-entry') await core.clock.sleep(ASKED_AGAIN_AFTER, { signal })
      // A full disk passes only when somebody frees it.
      if (error.code === 'storage/full') core.events.emit({ type: 'problem', code: error.code, message: error.message })
      core.log.debug('topic ended', { code: error.code })
      if (error.code.startsWith('relay/')) await (await import('../later.ts')).healHub(session, error)
    }
    await core.clock.sleep(RETRY, { signal })
  }
}

/** A hub is known by its key: whoever answers at its address with another one is not asked. */
const checkRelay = async (session: RoomSession, signal: AbortSignal): Promise<void> => {
  const { core, record } = session
  const key = await core.links.relayKey(record.hub.url, { signal })
  if (equalBytes(key, record.hub.key)) return
  const reason = 'it is another one'
  throw new DchatError('identity/untrusted-key', { subject: `the relay ${record.hub.url}`, reason })
}

/** Keeps and tells what the hub was caught at. */
const caught = async (session: RoomSession, fault: DchatError, work?: Work): Promise<void> =>
  (await import('../later.ts')).hubFault(session, fault, work)

/** Reads entries and stores what they lead to at once; false when the room halted, or is elsewhere. */
const readBatch = async (
  session: RoomSession,
  topic: Uint8Array,
  entries: readonly Entry[],
  hooks: FollowHooks,
): Promise<boolean> => {
  const { work, failure } = await session.lock.run(() => readUnderLock(session, topic, entries, hooks))
  if (work?.fault !== undefined) await caught(session, work.fault, work)
  if (isDchatError(failure) && isRelayFault(failure)) await caught(session, failure, work)
  if (failure !== undefined) throw failure
  return work !== undefined && work.halt === undefined
}

const readUnderLock = async (
  session: RoomSession,
  topic: Uint8Array,
  entries: readonly Entry[],
  hooks: FollowHooks,
): Promise<{ readonly work?: Work; readonly failure?: unknown }> => {
  const { core } = session
  // It was entered elsewhere meanwhile; reading begins again there.
  if (!equalBytes(session.record.topic, topic)) return {}
  const work: Work = { ...session.state, effects: [], spent: [] }
  const { seq: before, nonce } = session.record
  const opening = before === 0 && nonce ? await (await import('../later.ts')).openingOf(session) : undefined
  let failure: unknown
  for (const entry of entries) {
    try {
      await applyEntry(session, work, entry)
    } catch (error) {
      failure = error
      break
    }
    if (work.halt !== undefined) break
  }
  // Loaded before the transaction, which waits for nothing else.
  const { hubs } = work.control.snapshot
  const later = work.halt === undefined && hubs === undefined ? undefined : await import('../later.ts')
  const told = await core.store.write(async (tx) => {
    const effects = await storeEffects(tx, core, work, {
      reports: work.control.snapshot.kind !== 'channel' && (await hooks.reports(tx, session)),
      place: later?.placeMessage,
    })
    if (work.halt === 'closed' || work.halt === 'rejoin') await later?.leaveRoom(tx, session, work)
    if (work.halt === 'voided') await later?.repairLater(tx, session, work)
    if (work.halt === 'moving') await later?.moveLater(tx, session, work)
    effects.messages.push(...(await showControl(tx, session, work)))
    session.put(tx, stateOf(work))
    const read = entries.filter(({ receipt: { seq } }) => seq > before && seq <= work.record.seq)
    keepTail(tx, session.id, read, opening)
    return effects
  })
  const isOver = session.record.pending !== undefined && work.record.pending === undefined
  if (work.record.pending === undefined) session.pendingGroup = undefined
  session.settle(stateOf(work))
  // What waited behind the commit goes out, though whoever published it may have heard nothing but a broken link.
  if (isOver || work.saysAgain || session.snapshot.kind === 'channel') session.outgoing.open()
  for (const group of work.spent) core.engine.forget(group)
  for (const message of told.messages) core.updates.emit(message)
  for (const outcome of told.acted) core.acted.emit(outcome)
  if (work.halt === 'closed') await (await import('../later.ts')).failWaiting(core, session.id)
  for (const event of told.events) core.events.emit(event)
  if (told.report) hooks.onReportDue(session)
  return { work, failure }
}

const stateOf = ({ record, group, control }: Work): RoomState => ({ record, group, control })
