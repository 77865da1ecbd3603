import { DchatError } from '@dchat/sdk/errors'
import { z } from 'zod'
import { LONGEST } from '../io/duration.ts'
import { SIGNAL_TYPES } from './signal-types.ts'

const peer = z.string().min(1).max(8192)
const id = z.string().min(1).max(128)
const ms = z.number().int().min(1).max(LONGEST)

const waiting = { timeout: ms.exactOptional(), patience: ms.exactOptional() }
const text = z.string().min(1)
const name = z.string().min(1).max(400)
const action = { message: id, ...waiting, wait: z.enum(['queued', 'sent']).exactOptional() }
const group = { group: peer, ...waiting }
const people = z.array(peer).min(1).max(1000)
const home = z.object({
  relay: z.string().min(1).max(1024),
  lost: z.boolean().exactOptional(),
  phrase: z.string().min(1).max(1024).exactOptional(),
  patience: ms.exactOptional(),
})
const picture = z.object({ mediaType: z.string().max(100), data: z.base64().max(100_000) })

/** What a keyboard may be is the SDK's to say; here it is one at all. */
export const KEYBOARD = z.array(
  z.array(z.union([z.strictObject({ text, callback: text }), z.strictObject({ text, url: text })])),
)

const ACTIONS = {
  react: z.object({ ...action, emoji: z.string().min(1).max(64), off: z.boolean().exactOptional() }),
  press: z.object({
    message: id,
    button: z.string().min(1).max(64),
    ...waiting,
    wait: z.enum(['queued', 'sent', 'answered']).exactOptional(),
  }),
  edit: z.object({ ...action, text, format: z.enum(['text', 'markdown']).exactOptional() }),
  delete: z.object(action),
  pin: z.object({ message: id, off: z.boolean().exactOptional(), ...waiting }),
  forward: z.object({
    message: id,
    to: peer,
    clientId: z.string().min(1).max(200).exactOptional(),
    wait: z.enum(['queued', 'sent', 'delivered']).exactOptional(),
    ...waiting,
  }),
} as const

const GROUPS = {
  'group.create': z.object({
    name,
    people: z.array(peer).max(1000).exactOptional(),
    picture: picture.exactOptional(),
    timer: z.number().int().min(0).exactOptional(),
    wait: z.enum(['queued', 'open']).exactOptional(),
    ...waiting,
  }),
  'group.add': z.object({ ...group, people }),
  'group.remove': z.object({ ...group, people }),
  'group.leave': z.object({ ...group, wait: z.enum(['queued', 'sent']).exactOptional() }),
  'group.rename': z.object({ ...group, name }),
  'group.role': z.object({ ...group, person: peer, role: z.enum(['owner', 'admin', 'member']) }),
  'group.picture': z.object({ ...group, picture: picture.exactOptional() }),
  'group.timer': z.object({ ...group, seconds: z.number().int().min(0) }),
  'group.hubs': z.object({
    ...group,
    relays: z.array(z.string()).min(1).max(3).exactOptional(),
    move: z.string().exactOptional(),
  }),
  'group.lift': z.object(group),
  'group.info': z.object({ ...group, offline: z.boolean().exactOptional() }),
  'group.accept': z.object(group),
  'group.decline': z.object({ ...group, wait: z.enum(['queued', 'sent']).exactOptional() }),
  'group.invitations': z.object({ ...waiting, offline: z.boolean().exactOptional() }),
} as const

const BOTS = {
  'bot.install': z.object({ ...group, bot: peer }),
  'bot.remove': z.object({ ...group, bot: peer }),
  'bot.manifest': z.object({ bot: peer, ...waiting }),
  'bot.list': z.object({ ...group, offline: z.boolean().exactOptional() }),
} as const

const person = { person: peer }
const PEOPLE = {
  'contacts.rename': z.object({ ...person, name: z.string().min(1).max(200).exactOptional() }),
  'contacts.remove': z.object(person),
  'contacts.show': z.object(person),
  'contacts.allow': z.object({ ...person, ...waiting }),
  'contacts.deny': z.object(person),
  'contacts.block': z.object(person),
  'contacts.unblock': z.object(person),
  'contacts.verify': z.object({
    ...person,
    compared: z.string().max(400).exactOptional(),
    same: z.boolean().exactOptional(),
    off: z.boolean().exactOptional(),
  }),
  'contacts.requests': z.object({ ...waiting, offline: z.boolean().exactOptional() }),
  'profile.show': z.object({}),
  'profile.set': z.object({
    name: name.nullable().exactOptional(),
    about: z.string().min(1).max(4000).nullable().exactOptional(),
    picture: picture.nullable().exactOptional(),
  }),
} as const

const code = z.string().min(1).max(2048)
const phrase = z.string().min(1).max(4096).exactOptional()
const patience = ms.exactOptional()
const DEVICES = {
  'devices.list': z.object({}),
  'relay.add': home,
  'relay.remove': home,
  'relay.use': home,
  'devices.rename': z.object({ device: id, name: z.string().min(1).max(64) }),
  'devices.revoke': z.object({ device: id, phrase, patience }),
  'devices.find': z.object({ code, patience }),
  'devices.approve': z.object({ code, name: z.string().min(1).max(64).exactOptional(), phrase, patience }),
  'devices.refuse': z.object({ code, patience }),
} as const

const money = z.object({ minor: z.string().max(40), currency: z.string().max(12), exponent: z.number().int() })
/** The SDK judges what they say. */
const terms = z.object({
  role: z.enum(['sell', 'buy', 'service', 'swap']).exactOptional(),
  items: z
    .array(
      z.object({
        title: z.string().max(400),
        quantity: z.number().int().exactOptional(),
        unitPrice: money.exactOptional(),
      }),
    )
    .max(100)
    .exactOptional(),
  price: z.object({ total: money }).exactOptional(),
  expiresIn: z.number().int().exactOptional(),
  revocable: z.boolean().exactOptional(),
  parties: z.array(peer).max(200).exactOptional(),
  moderator: peer.exactOptional(),
  takers: z.number().int().exactOptional(),
  threshold: z.number().int().exactOptional(),
  text: z.string().max(8192).exactOptional(),
  from: z
    .object({
      listing: id,
      take: z.array(z.object({ id: id.exactOptional(), quantity: z.number().int() })).max(100),
    })
    .exactOptional(),
})
const step = {
  clientId: z.string().min(1).max(200).exactOptional(),
  wait: z.enum(['queued', 'sent']).exactOptional(),
  ...waiting,
}
const answer = { ...step, offer: id, deal: id.exactOptional(), reason: z.string().max(40).exactOptional() }
const look = { ...waiting, offline: z.boolean().exactOptional() }

const OFFERS = {
  'offer.make': z.object({ ...step, chat: peer, terms }),
  'offer.counter': z.object({ ...answer, terms }),
  'offer.answer': z.object({ ...answer, answer: z.enum(['accept', 'decline', 'withdraw']) }),
  'offer.settle': z.object({
    ...answer,
    step: z.enum([
      'pay_request',
      'pay_submitted',
      'pay_confirmed',
      'fulfilled',
      'complete',
      'cancel',
      'dispute',
      'resolve',
    ]),
    note: z.string().max(1000).exactOptional(),
    uri: z.string().max(2048).exactOptional(),
    reference: z.string().max(256).exactOptional(),
    outcome: z.enum(['release', 'refund', 'split']).exactOptional(),
  }),
  'offer.show': z.object({ ...look, offer: id }),
  'offer.receipt': z.object({ ...look, offer: id, deal: id.exactOptional() }),
  'offer.list': z.object({
    ...look,
    chat: peer.exactOptional(),
    state: z.enum(['sending', 'open', 'taken', 'declined', 'withdrawn', 'expired', 'void']).exactOptional(),
    limit: z.number().int().min(1).max(1000).exactOptional(),
  }),
} as const

const listed = {
  title: z.string().max(400),
  items: z
    .array(
      z.object({
        id: id.exactOptional(),
        title: z.string().max(400),
        unitPrice: money.exactOptional(),
        stock: z.number().int().exactOptional(),
      }),
    )
    .max(100),
  terms: z.object({ expiresIn: z.number().int().exactOptional() }).exactOptional(),
  text: z.string().max(8192).exactOptional(),
}
const LISTINGS = {
  'listing.create': z.object({ draft: z.object(listed), clientId: z.string().min(1).max(200).exactOptional() }),
  'listing.edit': z.object({
    listing: id,
    changes: z.object({ ...listed, title: listed.title.exactOptional(), items: listed.items.exactOptional() }),
    stock: z
      .array(z.object({ id: id.exactOptional(), stock: z.number().int() }))
      .max(100)
      .exactOptional(),
  }),
  'listing.show': z.object({ listing: id }),
  'listing.close': z.object({ listing: id }),
  'listing.give': z.object({ listing: id, device: id, patience }),
  'listing.take': z.object({ listing: id, uncounted: z.boolean().exactOptional(), ...waiting }),
  'listing.list': z.object({}),
} as const

const SIGNALS = {
  typing: z.object({ chat: peer, patience: ms.exactOptional() }),
  'listen.signals': z.object({ chat: peer.exactOptional(), types: z.array(z.enum(SIGNAL_TYPES)).min(1).max(10) }),
  'config.get': z.object({}),
  'config.set': z.object({
    typing: z.boolean().exactOptional(),
    presence: z.boolean().exactOptional(),
    reports: z.enum(['always', 'small', 'never']).exactOptional(),
    strangers: z.enum(['ask', 'allow']).exactOptional(),
    archiveBodies: z.boolean().exactOptional(),
    notify: z.enum(['all', 'mentions', 'none']).exactOptional(),
  }),
} as const

/** What other processes may send. Unknown fields are ignored, as readers of version 1 must. */
export const PARAMS = {
  ...ACTIONS,
  ...GROUPS,
  ...BOTS,
  ...PEOPLE,
  ...OFFERS,
  ...LISTINGS,
  ...SIGNALS,
  ...DEVICES,
  audit: z.object({ ...waiting, chat: peer }),
  'relay.join': z.object({ invitation: z.string().min(1).max(600), timeout: ms.exactOptional() }),
  'relay.list': z.object({ ...waiting, offline: z.boolean().exactOptional() }),
  'history.status': z.object({}),
  'history.fetch': z.object({ again: z.boolean().exactOptional(), ...waiting }),
  whoami: z.object({}),
  invite: z.object({}),
  'contacts.add': z.object({ peer, name: z.string().min(1).max(200).exactOptional(), patience: ms.exactOptional() }),
  'contacts.list': z.object({}),
  'chats.set': z.object({
    chat: peer,
    notify: z
      .object({ level: z.enum(['all', 'mentions', 'none']), until: z.number().int().min(0).exactOptional() })
      .nullable()
      .exactOptional(),
    pinned: z.boolean().exactOptional(),
    archived: z.boolean().exactOptional(),
  }),
  'chats.list': z.object({ limit: z.number().int().min(1).max(10_000).exactOptional() }),
  send: z.object({
    chat: peer,
    text: z.string(),
    format: z.enum(['text', 'markdown']).exactOptional(),
    replyTo: id.exactOptional(),
    mentions: z.array(peer).max(100).exactOptional(),
    keyboard: KEYBOARD.exactOptional(),
    clientId: z.string().min(1).max(200).exactOptional(),
    wait: z.enum(['queued', 'sent', 'delivered']).exactOptional(),
    ...waiting,
  }),
  read: z.object({
    chat: peer,
    since: id.exactOptional(),
    limit: z.number().int().min(1).max(10_000).exactOptional(),
    offline: z.boolean().exactOptional(),
    pinned: z.boolean().exactOptional(),
    ...waiting,
  }),
  export: z.object({ passphrase: z.string().min(1).max(4096) }),
  search: z.object({
    text: z.string().max(1000),
    chat: peer.exactOptional(),
    from: peer.exactOptional(),
    after: z.number().int().exactOptional(),
    before: z.number().int().exactOptional(),
    limit: z.number().int().min(1).max(10_000).exactOptional(),
    timeout: ms.exactOptional(),
  }),
  'read.mark': z.object({ chat: peer, upTo: id }),
  listen: z.object({ chat: peer.exactOptional(), since: id.exactOptional() }),
  'listen.events': z.object({ chat: peer.exactOptional(), since: id.exactOptional() }),
  'listen.ack': z.object({ cursor: id, chat: peer.exactOptional() }),
} as const

/** Throws `usage/invalid-argument` that names the parameter. */
export const parseParams = <T>(schema: z.ZodType<T>, params: unknown): T => {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = issue?.path.join('.') || 'params'
  throw new DchatError('usage/invalid-argument', { name, reason: (issue?.message ?? 'invalid').replace(/\.$/, '') })
}
