import { DchatError } from '@dchat/sdk/errors'
import { z } from 'zod'
import { LONGEST } from '../io/duration.ts'

const peer = z.string().min(1).max(8192)
const id = z.string().min(1).max(128)
const ms = z.number().int().min(1).max(LONGEST)

const waiting = { timeout: ms.exactOptional(), patience: ms.exactOptional() }
const text = z.string().min(1)
const name = z.string().min(1).max(400)
const action = { message: id, ...waiting, wait: z.enum(['queued', 'sent']).exactOptional() }
const group = { group: peer, ...waiting }
const people = z.array(peer).min(1).max(1000)
const picture = z.object({ mediaType: z.string().max(100), data: z.base64().max(100_000) })

const ACTIONS = {
  react: z.object({ ...action, emoji: z.string().min(1).max(64), off: z.boolean().exactOptional() }),
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
  'group.info': z.object({ ...group, offline: z.boolean().exactOptional() }),
  'group.accept': z.object(group),
  'group.decline': z.object({ ...group, wait: z.enum(['queued', 'sent']).exactOptional() }),
  'group.invitations': z.object({ ...waiting, offline: z.boolean().exactOptional() }),
} as const

/** What other processes may send. Unknown fields are ignored, as readers of version 1 must. */
export const PARAMS = {
  ...ACTIONS,
  ...GROUPS,
  whoami: z.object({}),
  invite: z.object({}),
  'contacts.add': z.object({ peer, name: z.string().min(1).max(200).exactOptional(), patience: ms.exactOptional() }),
  'contacts.list': z.object({}),
  'chats.list': z.object({ limit: z.number().int().min(1).max(10_000).exactOptional() }),
  send: z.object({
    chat: peer,
    text: z.string(),
    format: z.enum(['text', 'markdown']).exactOptional(),
    replyTo: id.exactOptional(),
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
