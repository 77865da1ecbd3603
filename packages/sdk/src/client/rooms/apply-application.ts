import { expiryOf } from '../../domain/messages/expiry.ts'
import { isHistory, isUnsent, placeIn, placeInRoom } from '../../domain/messages/place.ts'
import { counts } from '../../domain/rooms/lateness.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { messageIdOf, roomUriOf, senderUriOf } from '../../protocol/content/message-id.ts'
import { type ContentExpiry, readContent, type WireAction } from '../../protocol/content/read.ts'
import { indexOfHead } from '../../protocol/identity/log.ts'
import { decodeEnvelope, type Envelope, payloadBytes } from '../../protocol/messages/envelope.ts'
import type { Group, Member, Opened } from '../../protocol/mls/engine.ts'
import { unwrapEntry } from '../../protocol/topic/wrap.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { enteredSelf } from '../personal/entered.ts'
import type { IntentRecord, MessageRecord, RoomRecord } from '../records.ts'
import { isAlone, removeRevoked } from './after-commit.ts'
import { NOTED } from './apply-commit.ts'
import { unseenEffects } from './sent-unseen.ts'
import { epochOf, keysOf, loadGroup, pastKey, type RoomSession } from './session.ts'
import type { Told } from './told.ts'
import { gap, type PutOffer, type Work } from './work.ts'

const refuse = (reason: string) => new DchatError('conversation/void', { reason })

/** Reads an application entry: an own one by its reference, others' by decryption and the rule of lateness. */
export const applyApplication = async (session: RoomSession, work: Work, entry: Entry): Promise<void> => {
  const known = await session.core.store.read((tx) => tx.get<IntentRecord>('outbox', toHex(entry.reference)))
  const intent = known?.room === work.record.id ? known : undefined
  if (intent?.tried.some((hash) => equalBytes(hash, entry.receipt.entry))) {
    await ownEntry(session, work, entry, intent)
    return
  }
  let isIntent = false
  try {
    isIntent = await foreignEntry(session, work, entry, intent)
  } finally {
    // What stands there under its reference is something else: it goes out under another one.
    if (intent !== undefined && !isIntent) work.effects.push({ kind: 'again', intent })
  }
}

/**
 * An entry that this store did not send. True if it is `intent` nevertheless: the store is an old copy, and the device
 * that had the newer one brought it out.
 */
const foreignEntry = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  intent: IntentRecord | undefined,
): Promise<boolean> => {
  const { core } = session
  const { record, group } = work
  if (entry.epoch < record.firstEpoch) throw refuse('its epoch was over when the topic began')
  const isPast = entry.epoch < record.joinedEpoch
  const past = isPast ? await pastState(session, work, entry.epoch) : undefined
  if (group === undefined || (isPast && past === undefined) || entry.body === null) {
    work.effects.push(gap(work, entry.receipt.seq))
    const { snapshot } = work.control
    work.record = { ...work.record, missed: placeInRoom(snapshot, work.record.term, entry.receipt.seq) }
    // What was said there is asked for.
    const { id: room } = record
    if (work.control.snapshot.kind === 'self')
      work.effects.push({
        kind: 'personal',
        store: (tx) => enteredSelf(tx, { room, seq: entry.receipt.seq + 1 }, core.clock.now()),
      })
    if (!intent?.restored) return false
    work.effects.push(...unseenEffects(work, core.self.address, { intent, receipt: entry.receipt }))
    return true
  }
  const keys = keysOf(record, entry.epoch)
  if (keys === undefined) throw refuse('it is of an epoch that is over')
  const context = { topic: record.topic, kind: 'application', epoch: entry.epoch } as const
  const message = await unwrapEntry(core.crypto, keys.wrapKey, context, entry.body)
  const opened = await core.engine.decrypt(past ?? group, message)
  if (past === undefined) {
    work.group = opened.next
    work.spent.push(opened.next)
  } else work.effects.push({ kind: 'past', group: opened.next })
  if (opened.epoch !== entry.epoch) throw refuse('its epoch is not the one that its frame names')
  const { sender } = opened
  if (equalBytes(sender.deviceKey, core.self.record.deviceKey)) {
    // Written by this very device, and yet unknown: the store is an old copy, and its ratchets must not be used again.
    const task = { kind: 'replace-leaf', room: record.id } as const
    work.record = { ...work.record, stale: true }
    work.effects.push({ kind: 'job', key: `replace-leaf/${record.id}`, task })
    const envelope = intent && decodeEnvelope(opened.plaintext)
    if (intent !== undefined && envelope !== undefined && says(envelope, intent)) {
      await ownEntry(session, work, entry, intent, envelope.salt)
      return true
    }
  }
  await read(session, work, entry, opened)
  return false
}

/** The same content, or the same control: what an intent fixes before its first try. */
const says = ({ payload }: Envelope, { content, control }: IntentRecord): boolean => {
  const said: Envelope['payload'] = control ?? { kind: 'content', content }
  return payload.kind === said.kind && equalBytes(payloadBytes(payload), payloadBytes(said))
}

const read = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  { sender, plaintext }: Pick<Opened, 'sender' | 'plaintext'>,
): Promise<void> => {
  checkCounts(work, entry, toHex(sender.deviceKey))
  const envelope = decodeEnvelope(plaintext)
  if (isSeenHere(work, entry, envelope)) work.record = { ...work.record, ...noteSeen(work, sender, envelope) }
  await checkLog(session, work, envelope, sender)
  if (!work.control.heard.includes(sender.address))
    work.control = { ...work.control, heard: [...work.control.heard, sender.address] }
  const { payload } = envelope
  switch (payload.kind) {
    case 'close':
      return close(work, sender)
    case 'leave':
      return (await import('../later.ts')).readLeave(session, work, sender, payload.signature)
    case 'content':
      if (work.control.snapshot.kind === 'channel') throw refuse('what is said in a channel is signed, or a copy')
      return content(session, work, entry, sender, payload.content, envelope.salt)
    case 'personal':
      return personal(session, work, entry, sender, payload.personal)
    case 'profile':
      return profile(session, work, sender, payload.profile)
    case 'copy':
    case 'post':
      return between(session, work, entry, sender, payload)
    case 'accept':
  }
}

/** What passes between a group and a bot's channel; loaded where there is one (bots.md). */
const between = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  sender: Member,
  payload: Extract<Envelope['payload'], { kind: 'copy' | 'post' }>,
): Promise<void> => {
  const said = await (await import('../later.ts')).readBetween(session, work, sender, payload)
  if (said !== undefined) await content(session, work, entry, said.sender, said.content, undefined, said.room)
}

/** What own devices tell each other; loaded where a person has several. */
const personal = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  sender: Member,
  bytes: Uint8Array,
): Promise<void> => {
  if (work.control.snapshot.kind !== 'self') throw refuse('what is personal stands in a self-conversation')
  const { readPersonal } = await import('../later.ts')
  work.effects.push(readPersonal(session, work, sender, entry.receipt.time, bytes))
}

/** What somebody tells of themselves; loaded when the first one comes. */
const profile = async ({ core }: RoomSession, work: Work, { address }: Member, bytes: Uint8Array): Promise<void> => {
  const { arrivedProfile } = await import('../later.ts')
  const put = await arrivedProfile(core, address, bytes)
  if (put === undefined) return
  const store = async (tx: StoreWriter, told: Told): Promise<void> => {
    if (await put(tx)) told.events.push({ type: 'profile', address })
  }
  work.effects.push({ kind: 'personal', store })
}

/** The state before a rejoin reads what still belongs to it, and nothing else. */
const pastState = async (session: RoomSession, work: Work, epoch: number): Promise<Group | undefined> => {
  const { id, pastEpoch, suite } = work.record
  if (pastEpoch === undefined || epoch > pastEpoch) return undefined
  const latest = work.effects.findLast((effect) => effect.kind === 'past')
  return latest?.group ?? loadGroup(session.core, pastKey(id), suite)
}

const checkCounts = (work: Work, entry: Entry, author: string): void => {
  const { record, group } = work
  const isLeaf = (device: string) => group?.members.some(({ deviceKey }) => toHex(deviceKey) === device) ?? false
  const verdict = counts(
    { seq: entry.receipt.seq, epoch: entry.epoch, author },
    { current: epochAt(record, entry.epoch), first: record.firstEpoch },
    record.commits,
    isLeaf,
  )
  if (verdict !== true) throw refuse(verdict)
}

/** Who was let in again by a later state reads what lies before it as the epochs went on there, not by where it stands. */
const epochAt = (record: RoomRecord, epoch: number): number => {
  const current = epochOf(record)
  const last = record.commits.at(-1)
  if (epoch >= record.joinedEpoch || last === undefined) return current
  return Math.min(current, Math.max(epoch, last.ended + 1))
}

const ownEntry = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  intent: IntentRecord,
  salt?: Uint8Array,
): Promise<void> => {
  const own = toHex(session.core.self.record.deviceKey)
  try {
    checkCounts(work, entry, own)
  } catch {
    work.effects.push({ kind: 'again', intent })
    return
  }
  nameOwnLog(session, work, entry, intent)
  work.record = { ...work.record, spoke: { ...work.record.spoke, own: true } }
  const offer = intent.offer && (await (await import('../later.ts')).ownStep(work, entry, intent, salt))
  if (work.control.snapshot.hubs !== undefined)
    work.effects.push((await import('../later.ts')).saidHere(work.record, intent, entry.receipt.seq))
  work.effects.push({ kind: 'sent', intent, ...(offer && { offer }), ...standing(work, entry) })
  const read = intent.action === undefined ? undefined : readContent(intent.content)
  if (intent.action !== undefined && read?.kind === 'action')
    await pushAction(work, entry, intent.action.id, session.core.self.address, read.action)
  const { self } = session.core
  if (intent.control?.kind === 'post')
    await between(session, work, entry, { ...self.leaf, device: self.device, leaf: -1 }, intent.control)
  else if (work.control.snapshot.bots !== undefined)
    work.effects.push(...(await (await import('../later.ts')).copiesFor(session.core, work, intent)))
  const isOver = intent.control?.kind === 'leave' && isAlone(work.control.snapshot)
  if (isOver || intent.control?.kind === 'close') work.halt = 'closed'
}

/** What its place gives a message: accepted time, order, epoch, and its end by the timer that holds there. */
const standing = (work: Work, entry: Entry, expires?: ContentExpiry) => {
  const { time: at, seq } = entry.receipt
  const expiresAt = expiryOf(at, work.control.snapshot.timer, expires)
  const end = expiresAt === undefined ? {} : { expiresAt }
  return { at, place: placeIn(work.control.snapshot, work.record.term, seq), epoch: entry.epoch, ...end }
}

const pushAction = async (
  work: Work,
  entry: Entry,
  id: MessageId,
  from: Address,
  action: WireAction,
): Promise<void> => {
  const { time: at, seq } = entry.receipt
  const isPress = action.type === 'press' || action.type === 'answer'
  const press = isPress ? (await import('../later.ts')).arrivedPress(action) : undefined
  work.effects.push({
    kind: 'action',
    id,
    from,
    action,
    ...(press && { press }),
    at,
    seq,
    snapshot: work.control.snapshot,
  })
}

/**
 * What the author had seen, against what this device was told: a relay that shows two orders is found out. Nobody has seen
 * the place of an entry before it was written: where it seems so, an entry before it was kept from this device.
 */
const isSeenHere = (work: Work, { receipt }: Entry, { seen: { seq, head } }: Envelope): boolean => {
  const { heads, hub, topic } = work.record
  const own = heads.find((known) => known.seq === seq)
  if (seq < receipt.seq && (own === undefined || equalBytes(own.head, head))) return true
  work.fault = new DchatError('relay/equivocation', { relay: hub.url, topic: toHex(topic), seq })
  return false
}

/** How far the author had read: behind that, another hub would have to be told. */
const noteSeen = ({ record, group, control }: Work, sender: Member, { seen }: Envelope): Partial<RoomRecord> => {
  const device = toHex(sender.deviceKey)
  const isKept = control.snapshot.hubs !== undefined && (group?.members.length ?? 0) <= NOTED
  if (!isKept || seen.seq <= (record.seen?.[device] ?? -1)) return {}
  return { seen: { ...record.seen, [device]: seen.seq } }
}

/** Learns the log that the author names; from this entry on it holds in this room. */
const checkLog = async (session: RoomSession, work: Work, envelope: Envelope, sender: Member): Promise<void> => {
  const { core } = session
  if (envelope.log !== undefined) await core.directory.learn([envelope.log])
  const log = await core.directory.get(sender.address)
  if (log === undefined) throw refuse('its author has no identity log')
  const at = indexOfHead(log, envelope.logHead)
  if (at === undefined) {
    work.effects.push({
      kind: 'job',
      key: `refresh/${sender.address}`,
      task: { kind: 'refresh', address: sender.address },
    })
  } else nameLog(work, sender.address, at + 1)
  const revokedAt = log.devices.get(toHex(sender.deviceKey))?.revokedAt
  const heldHere = Math.max(
    work.control.named[sender.address] ?? 0,
    personOf(work.control.snapshot, sender.address)?.log ?? 0,
  )
  if ([...log.devices.values()].some((device) => device.revokedAt !== undefined && device.revokedAt < heldHere))
    removeRevoked(session, work)
  if (revokedAt !== undefined && revokedAt < heldHere) throw refuse('its device was revoked')
}

/** From this entry on, so much of a person's log holds in the room. */
const nameLog = (work: Work, address: Address, length: number): void => {
  const { named } = work.control
  if (length > (named[address] ?? 0)) work.control = { ...work.control, named: { ...named, [address]: length } }
}

/** The log that the own entry named: its author has to judge by it too. */
const nameOwnLog = (session: RoomSession, work: Work, entry: Entry, { tried, named = [] }: IntentRecord): void => {
  const at = tried.findIndex((hash) => equalBytes(hash, entry.receipt.entry))
  const length = at < 0 ? undefined : named.at(at - tried.length)
  if (length === undefined) return
  nameLog(work, session.core.self.address, length)
  removeRevoked(session, work)
}

const close = (work: Work, sender: Member): void => {
  const { kind, opener } = work.control.snapshot
  if (kind !== 'dm' || sender.address !== opener) throw refuse('only the opener of a room gives it up')
  work.halt = 'closed'
}

/** Of two direct messages opened at once, one in which both have spoken lives on. */
const speak = (work: Work, own: boolean): void => {
  const { spoke } = work.record
  work.record = { ...work.record, spoke: { own: spoke.own || own, peer: spoke.peer || !own } }
}

/** At another hub authors say again what not everybody may have read: there is its place then, for all (hubs.md). */
const saidAgain = async (
  work: Work,
  entry: Entry,
  id: MessageId,
  expires: ContentExpiry | undefined,
  offer: () => Promise<PutOffer | undefined>,
): Promise<void> => {
  const { epoch: _, ...stands } = standing(work, entry, expires)
  // Who entered later knows as little as who was there whether it is said again, and both place it alike.
  if (work.control.snapshot.term === 1) return
  work.effects.push((await import('../later.ts')).placedAnew(id, stands, await offer()))
}

const content = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  sender: Member,
  bytes: Uint8Array,
  salt: Uint8Array | undefined,
  /** Where it was said first. */
  room = work.record.id,
): Promise<void> => {
  const { core } = session
  if (work.control.snapshot.kind === 'self') throw refuse('nothing is said in a self-conversation')
  const senderUri = senderUriOf(sender.address)
  const roomUri = roomUriOf(fromHex(room) as Uint8Array)
  const read = readContent(bytes)
  if (read.senderUri !== undefined && read.senderUri !== senderUri) throw refuse('it names another sender')
  if (read.roomUri !== undefined && read.roomUri !== roomUri) throw refuse('it names another room')
  if (read.kind === 'status') {
    work.effects.push({ kind: 'report', from: sender.address, items: read.items, snapshot: work.control.snapshot })
    return
  }
  const id = toHex(messageIdOf({ senderUri, roomUri, content: bytes, salt: read.salt })) as MessageId
  const own = sender.address === core.self.address
  if (read.kind === 'inline') {
    const { arrivedInline } = await import('../later.ts')
    const put = arrivedInline(work, sender.address, own, { id, at: entry.receipt.time, ...read })
    work.effects.push({ kind: 'inline', from: sender.address, put })
    return
  }
  if (read.kind === 'action') {
    speak(work, own)
    await pushAction(work, entry, id, sender.address, read.action)
    return
  }
  const known = await core.store.read((tx) => tx.get<MessageRecord>('messages', id))
  const step = async () =>
    read.kind === 'offer'
      ? (await import('../later.ts')).arrivedStep(core, work, entry, sender, { id, read, salt })
      : undefined
  const isStored = known !== undefined && !isHistory(known.arrival)
  // Where both are read at once it is not stored yet, and stands where it stands last all the same.
  if (isStored || work.effects.some((effect) => effect.kind === 'message' && effect.id === id)) {
    const stays = isStored && ((own && isUnsent(known.place)) || known.room !== work.record.id)
    return stays ? undefined : saidAgain(work, entry, id, read.expires, step)
  }
  const offer = await step()
  speak(work, own)
  work.effects.push({
    kind: 'message',
    id,
    from: sender.address,
    device: sender.device,
    content: read.content,
    ...(known && { history: true }),
    ...(offer && { offer }),
    ...standing(work, entry, read.expires),
  })
}
