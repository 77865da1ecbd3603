import { placeInRoom, unsentPlace } from '../../domain/messages/place.ts'
import type { Receipts } from '../../domain/messages/receipts.ts'
import { advance } from '../../domain/messages/state.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import type { Content } from '../../records/content.ts'
import type { Notice } from '../../records/group.ts'
import type { DeviceId, MessageId } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { leaveHistory, noteChanged, noteToGive } from '../history/changed.ts'
import { noteAstray } from '../history/note.ts'
import { enqueue } from '../intents.ts'
import { putJob } from '../jobs.ts'
import { putAct } from '../message-life/acts.ts'
import { putExpiry } from '../message-life/expiry.ts'
import { lastOf } from '../message-life/last.ts'
import { needless } from '../message-life/outcome.ts'
import type { placeMessage } from '../message-life/place-message.ts'
import { readAction } from '../message-life/read-action.ts'
import { reported } from '../message-life/report.ts'
import { getMessage, putArrival, putMessage, withRootReply } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import { blockedAuthors, dropBlocked } from '../people/blocked-effects.ts'
import { readBefore } from '../personal/read-position.ts'
import type { ConversationRecord, MessageRecord, ReportRecord, RoomRecord } from '../records.ts'
import { dropPendingGroup, pastKey, putGroupAt } from './session.ts'
import type { Told } from './told.ts'
import type { Effect, Work } from './work.ts'

interface StoreOptions {
  readonly reports: boolean
  /** Where another side of the conversation may have had something else at a place; it is loaded for these alone. */
  readonly place?: typeof placeMessage | undefined
}

/** Writes the effects of a batch of entries, inside the transaction that moves the room's cursor. */
export const storeEffects = async (tx: StoreWriter, core: Core, work: Work, options: StoreOptions): Promise<Told> => {
  const told: Told = { messages: [], events: [], acted: [], report: false }
  const book = await openBook(tx, core, work)
  const isBlockedHere = blockedAuthors(tx)
  for (const effect of work.effects) {
    const blocked = await isBlockedHere(effect)
    if (blocked && (await dropBlocked(tx, work, effect))) continue
    await storeEffect(tx, core, work, effect, book, told, { ...options, blocked })
  }
  await book.save()
  return told
}

/** Counters and the conversation's record, read once and written once for a batch. */
const openBook = async (tx: StoreWriter, core: Core, work: Work) => {
  const id = work.record.conversation
  let conversation = await tx.get<ConversationRecord>('conversations', id)
  let arrivals = (await tx.get<number>('meta', 'arrivals')) ?? 0
  let activity = (await tx.get<number>('meta', 'activity')) ?? 0
  let touched = false
  let corrected = false
  const report: { delivered: ReportRecord['delivered'][number][] } = { delivered: [] }
  return {
    report,
    wasRead: await readBefore(tx, core, id),
    nextArrival: () => ++arrivals,
    /** Newer messages move the conversation up; late ones do not change what is shown last. */
    show(message: MessageRecord, isNew: boolean): void {
      if (conversation === undefined) return
      touched = true
      const newest =
        conversation.last === undefined ||
        message.place >= conversation.last.place ||
        message.id === conversation.last.id
      conversation = {
        ...conversation,
        unread: conversation.unread + (isNew && !message.own ? 1 : 0),
        ...(newest ? { last: lastOf(message) } : {}),
      }
    },
    /** A message that changed keeps its place, and its conversation too. */
    correct(message: MessageRecord): void {
      if (conversation?.last?.id !== message.id) return
      corrected = true
      conversation = { ...conversation, last: lastOf(message) }
    },
    async save(): Promise<void> {
      if (conversation === undefined) return
      tx.put('meta', { key: 'arrivals', value: arrivals })
      if (!touched) {
        const { activity: position } = conversation
        if (corrected) tx.put('conversations', { key: id, scope: 'all', position, value: conversation })
        return
      }
      activity += 1
      tx.put('meta', { key: 'activity', value: activity })
      const value: ConversationRecord = { ...conversation, activity }
      tx.put('conversations', { key: id, scope: 'all', position: activity, value })
      if (report.delivered.length === 0) return
      const key = `report/${work.record.id}`
      const earlier = await tx.get<ReportRecord>('jobs', key)
      const delivered = [...(earlier?.delivered ?? []), ...report.delivered]
      tx.put('jobs', { key, scope: 'reports', position: activity, value: { delivered, read: earlier?.read ?? [] } })
    },
  }
}

type Book = Awaited<ReturnType<typeof openBook>>

const storeEffect = async (
  tx: StoreWriter,
  core: Core,
  work: Work,
  effect: Effect,
  book: Book,
  told: Told,
  options: StoreOptions & { readonly blocked: boolean },
): Promise<void> => {
  const put = options.place ?? putMessage
  switch (effect.kind) {
    case 'event':
      // Nobody sees the conversation of the own devices.
      if (work.control.snapshot.kind !== 'self' && work.control.snapshot.kind !== 'channel')
        told.events.push(effect.event)
      return
    case 'personal':
      await effect.store(tx, told)
      return
    case 'inline':
      await effect.put(tx, told, book.nextArrival)
      return
    case 'job':
      await putJob(tx, effect.key, effect.task, core.clock.now(), effect.after)
      return
    case 'past':
      putGroupAt(tx, core, pastKey(work.record.id), effect.group)
      return
    case 'pending-over':
      dropPendingGroup(tx, work.record.id)
      return
    case 'message': {
      const { kind: _, epoch, offer, history, ...fields } = effect
      const shown = (await offer?.(tx)) ?? (await asShown(tx, effect.content))
      // Over before it came: it was never here.
      if (effect.expiresAt !== undefined && effect.expiresAt <= core.clock.now()) return
      const own = effect.from === core.self.address
      const known = history && (await leaveHistory(tx, effect.id))
      const record: MessageRecord = {
        ...known,
        ...fields,
        ...markedBy(work, effect.id),
        ...(own ? receiptsOf(work, epoch) : {}),
        content: known?.content ?? shown,
        conversation: work.record.conversation,
        room: work.record.id,
        own,
        // What is hidden waits for nobody to read it.
        state: own ? 'sent' : options.blocked || book.wasRead(effect) ? 'read' : 'delivered',
        arrival: book.nextArrival(),
      }
      await put(tx, record, told)
      putArrival(tx, record)
      await putExpiry(tx, record)
      if (options.blocked) return
      book.show(record, record.state !== 'read')
      // A bot that is no member wants no reports.
      if (!own && options.reports && personOf(work.control.snapshot, effect.from) !== undefined) {
        book.report.delivered.push(record.id)
        told.report = true
      }
      told.messages.push(toMessage(record))
      return
    }
    case 'notice': {
      const { kind: _, ...fields } = effect
      const record = noticeRecord(core, work.record, fields, book.nextArrival())
      await put(tx, record, told)
      putArrival(tx, record)
      book.show(record, false)
      told.messages.push(toMessage(record))
      return
    }
    case 'sent': {
      tx.delete('outbox', toHex(effect.intent.reference))
      const { messageId } = effect.intent
      const content = await effect.offer?.(tx)
      const known = messageId === undefined ? undefined : await tx.get<MessageRecord>('messages', messageId)
      if (known === undefined) return
      const { failure: _, intent: __, ...rest } = known
      // Said again at another hub, it is nothing new.
      const arrival = known.arrival ?? book.nextArrival()
      const { at, place, epoch, expiresAt } = effect
      const record: MessageRecord = {
        ...rest,
        ...markedBy(work, known.id),
        ...receiptsOf(work, epoch, known.receipts),
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(content === undefined || rest.content.type === 'deleted' ? {} : { content }),
        state: advance(known.state, 'sent'),
        at,
        place,
        arrival,
      }
      await put(tx, record, told)
      putArrival(tx, record)
      await putExpiry(tx, record)
      book.show(record, false)
      told.messages.push(toMessage(record))
      return
    }
    case 'again': {
      const { intent } = effect
      const reference = core.crypto.random(16)
      // A new reference: under the old one the relay would answer with the receipt of the entry that is void.
      tx.delete('outbox', toHex(intent.reference))
      enqueue(tx, { ...intent, reference, tried: [] })
      if (intent.messageId === undefined) return
      const known = await tx.get<MessageRecord>('messages', intent.messageId)
      if (known === undefined) return
      const record: MessageRecord = {
        ...known,
        state: 'queued',
        intent: toHex(reference),
        place: unsentPlace(intent.ordinal),
      }
      putMessage(tx, record)
      told.messages.push(toMessage(record))
      return
    }
    case 'report':
      for (const { id, status } of effect.items) {
        if (status !== 'delivered' && status !== 'read') continue
        const known = await getMessage(tx, id)
        if (known === undefined || !known.own || effect.from === core.self.address) continue
        if (known.conversation !== work.record.conversation) continue
        const record = reported(known, effect.from, status, effect.snapshot)
        if (record === undefined) continue
        putMessage(tx, record)
        told.messages.push(toMessage(record))
      }
      return
    case 'action': {
      const { id: room, conversation } = work.record
      const { address: self } = core.self
      const outcome = await readAction(tx, { ...effect, room, conversation, self })
      const { changed, act, answered, refused, dropped = [], isAstray } = outcome
      if (refused !== undefined) told.events.push({ type: 'void', conversation, seq: effect.seq, reason: refused })
      if (effect.from === self)
        told.acted.push({
          id: effect.id,
          ...(refused === undefined ? {} : { failure: new DchatError('message/not-permitted', { reason: refused }) }),
        })
      told.acted.push(...dropped.map(({ id }) => ({ id, failure: needless() })))
      if (act !== undefined && effect.from !== self && !options.blocked) await putAct(tx, book.nextArrival(), act)
      if (answered !== undefined) {
        const { press, message, answer } = answered
        told.events.push({ type: 'press-answered', conversation, message, press, ...answer })
      }
      if (isAstray) await noteAstray(tx, room, placeInRoom(effect.snapshot, effect.snapshot.term, effect.seq))
      if (changed === undefined) return
      await noteChanged(tx, changed.id)
      await noteToGive(tx, changed.id, book.nextArrival())
      // Shown to nobody, unless it is somebody else's that was deleted.
      if (options.blocked && changed.from === effect.from) return
      book.correct(changed)
      told.messages.push(toMessage(changed))
    }
  }
}

const markedBy = ({ control }: Work, id: MessageId): Pick<MessageRecord, 'pinned'> =>
  control.snapshot.pins.includes(id) ? { pinned: true } : {}

/** In a group it is known of each person how far a message is. Who has it does not say so again where it is said again. */
const receiptsOf = ({ control }: Work, epoch: number, known?: Receipts): Pick<MessageRecord, 'receipts'> =>
  control.snapshot.kind === 'group'
    ? { receipts: { epoch, delivered: known?.delivered ?? [], read: known?.read ?? [] } }
    : {}

/** A reply to an edit is a reply to the message. */
const asShown = async (tx: StoreWriter, content: Content): Promise<Content> =>
  'replyTo' in content ? withRootReply(tx, content) : content

interface NoticeFields {
  readonly notice: Notice
  readonly device: DeviceId
  readonly at: number
  readonly place: number
}

export const noticeId = (room: string, place: number): MessageId => toHex(hashOf('notice', [room, place])) as MessageId

/** A notice stands between the messages, under an id that its place in the topic gives it. */
const noticeRecord = (
  core: Pick<Core, 'self'>,
  room: Pick<RoomRecord, 'id' | 'conversation'>,
  { notice, device, at, place }: NoticeFields,
  arrival: number,
): MessageRecord => ({
  id: noticeId(room.id, place),
  conversation: room.conversation,
  room: room.id,
  from: notice.by,
  device,
  own: notice.by === core.self.address,
  content: { type: 'notice', notice },
  state: notice.by === core.self.address ? 'sent' : 'read',
  at,
  place,
  arrival,
})

/** Writes a notice outside a batch of entries. */
export const putNotice = async (
  tx: StoreWriter,
  core: Core,
  room: Pick<RoomRecord, 'id' | 'conversation'>,
  fields: NoticeFields,
): Promise<void> => {
  const arrival = ((await tx.get<number>('meta', 'arrivals')) ?? 0) + 1
  tx.put('meta', { key: 'arrivals', value: arrival })
  const record = noticeRecord(core, room, fields, arrival)
  putMessage(tx, record)
  putArrival(tx, record)
}
