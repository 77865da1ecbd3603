import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { messageIdOf, messageIdText, roomUriOf, senderUriOf } from '../../protocol/content/message-id.ts'
import { type ReadContent, readContent } from '../../protocol/content/read.ts'
import { deviceIdOf } from '../../protocol/identity/address.ts'
import { decodeManifest } from '../../protocol/messages/bot.ts'
import { type BotPost, decodePost, isSignedPost, signPost } from '../../protocol/messages/bot-post.ts'
import type { Envelope } from '../../protocol/messages/envelope.ts'
import type { BotEntry } from '../../protocol/messages/snapshot.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putControlIntent } from '../intents.ts'
import { findMessage, getRef } from '../message-life/rows.ts'
import type { JobTask, MessageRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'
import type { Work } from '../rooms/work.ts'

/** ms between two members' turns to carry what a bot said into the group, should the first one be away. */
const TURN = 500
const TURNS = 60
/** ms that an action waits for the message that it is about, and between two looks. */
const PATIENCE = 30_000
const LOOK = 250

const refuse = (reason: string) => new DchatError('conversation/void', { reason })

type Payload = Extract<Envelope['payload'], { kind: 'copy' | 'post' }>

/** Content whose author and room are proven, though neither MLS nor the topic says so; `room` gives it its id. */
export interface Proven {
  readonly sender: Member
  readonly content: Uint8Array
  readonly room: string
}

/** Reads what passes between a group and a bot's channel (bots.md): what it says in this room, if anything. */
export const readBetween = async (
  session: RoomSession,
  work: Work,
  sender: Member,
  payload: Payload,
): Promise<Proven | undefined> => {
  const { snapshot } = work.control
  const [own] = snapshot.bots ?? []
  if (snapshot.kind !== 'channel') {
    if (payload.kind === 'post') return carried(session, work, decodePost(payload.post))
    throw refuse('copies stand in channels')
  }
  const isBot = own?.address === session.core.self.address
  const isTheirs = own?.address === sender.address
  if (payload.kind === 'copy') {
    if (isTheirs) throw refuse('a bot copies nothing')
    return isBot ? between(sender, payload.content, toHex(snapshot.parent as Uint8Array)) : undefined
  }
  const post = decodePost(payload.post)
  if (!isTheirs || post.address !== sender.address) throw refuse('only its bot says something in a channel')
  if (isBot) return between(sender, post.content, work.record.id)
  await planCarrying(session, work, post, payload.post)
  return undefined
}

/** A copy is to the bot what it was in the group, under the id that it has there. */
const between = (sender: Proven['sender'], content: Uint8Array, room: string): Proven => {
  const { kind } = readContent(content)
  if (kind !== 'message' && kind !== 'action') throw refuse('it is nothing for a bot')
  return { sender, content, room }
}

/** What a member brought from a bot's channel counts if the bot may say it, and one of its devices signed it. */
const carried = async (session: RoomSession, work: Work, post: BotPost): Promise<Proven> => {
  const { core } = session
  const bot = work.control.snapshot.bots?.find(({ address }) => address === post.address)
  if (bot?.channel === undefined) throw refuse('nobody of that address is a restricted bot here')
  if (!(await isSignedPost(core.crypto, bot.channel.room, post))) throw refuse('a bot did not sign it')
  await core.directory.get(bot.address)
  if (!core.directory.isActive(bot.address, post.deviceKey)) throw refuse('its device is not certified, or revoked')
  if (!maySay(bot, readContent(post.content))) throw refuse('the bot may not say that')
  const { address, deviceKey } = post
  // A bot has no leaf here, and nothing asks for it or its certificate.
  const sender = { address, deviceKey, device: deviceIdOf(deviceKey), leaf: -1, certificate: new Uint8Array(0) }
  return { sender, content: post.content, room: toHex(bot.channel.room) }
}

const maySay = (bot: BotEntry, read: ReadContent): boolean => {
  const { send, react } = decodeManifest(bot.manifest).manifest
  if (read.kind === 'message') return send
  if (read.kind !== 'action') return false
  if (read.action.type === 'react') return react
  return read.action.type !== 'press'
}

/** What a bot says in its channel is signed, so that it proves itself in the group. */
export const postOf = async ({ core, id }: RoomSession, content: Uint8Array): Promise<Envelope['payload']> => ({
  kind: 'post',
  post: await signPost(core.crypto, core.self.record, fromHex(id) as Uint8Array, {
    address: core.self.address,
    content,
  }),
})

/** Whom it answers brings it at once, everybody else in turn, should it not be there by then. */
const planCarrying = async (session: RoomSession, work: Work, post: BotPost, bytes: Uint8Array): Promise<void> => {
  const { core } = session
  const { parent } = work.control.snapshot
  const read = readContent(post.content)
  if (read.kind !== 'message' && read.kind !== 'action') throw refuse('it is nothing for a group')
  const roomUri = roomUriOf(fromHex(work.record.id) as Uint8Array)
  const id = messageIdText(
    messageIdOf({ senderUri: senderUriOf(post.address), roomUri, content: post.content, salt: read.salt }),
  )
  const others = work.group?.members.filter(({ address }) => address !== post.address) ?? []
  const place = others.findIndex(({ deviceKey }) => core.self.isOwnDevice(deviceKey))
  const answered =
    read.kind === 'action' ? read.action.target : 'replyTo' in read.content ? read.content.replyTo : undefined
  const asked = answered === undefined ? undefined : await core.store.read((tx) => askerOf(tx, answered))
  const isAsked = asked?.from === core.self.address && (asked.device ?? core.self.device) === core.self.device
  const turn = isAsked ? 0 : Math.max(place, 0) + (asked === undefined ? 0 : 1)
  const task = {
    kind: 'carry',
    room: toHex(parent as Uint8Array),
    post: bytes,
    id,
    until: core.clock.now() + PATIENCE,
    ...(read.kind === 'action' ? { target: read.action.target } : {}),
  } as const
  work.effects.push({ kind: 'job', key: `carry/${id}`, task, after: Math.min(turn, TURNS) * TURN })
}

const askerOf = async (
  tx: StoreReader,
  id: MessageRecord['id'],
): Promise<(Pick<MessageRecord, 'from'> & Partial<Pick<MessageRecord, 'device'>>) | undefined> => {
  const ref = await getRef(tx, id)
  return ref === undefined ? (await findMessage(tx, id))?.message : { from: ref.from }
}

/** Brings what a bot said in its channel into the group, unless somebody did. */
export const carryPost = async (
  core: Core,
  rooms: Rooms,
  { room, post, id, target, until }: Extract<JobTask, { readonly kind: 'carry' }>,
): Promise<void | { readonly again: number }> => {
  const session = rooms.get(room)
  if (!session?.isMember || session.record.leaving) return
  const { isThere, hasTarget } = await core.store.read(async (tx) => ({
    isThere: (await tx.get('messages', id)) !== undefined || (await getRef(tx, id)) !== undefined,
    hasTarget: target === undefined || (await findMessage(tx, target)) !== undefined,
  }))
  if (isThere) return
  // What it is about may be on its way with somebody else.
  if (!hasTarget && core.clock.now() < until) return { again: LOOK }
  await core.store.write((tx) => putControlIntent(tx, core, room, { kind: 'post', post }))
  session.outgoing.open()
}
