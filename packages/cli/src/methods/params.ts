import { DchatError } from '@dchat/sdk/errors'
import { z } from 'zod'
import { LONGEST } from '../io/duration.ts'

const peer = z.string().min(1).max(8192)
const id = z.string().min(1).max(128)
const ms = z.number().int().min(1).max(LONGEST)

/** What other processes may send. Unknown fields are ignored, as readers of version 1 must. */
export const PARAMS = {
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
    timeout: ms.exactOptional(),
    patience: ms.exactOptional(),
  }),
  read: z.object({
    chat: peer,
    since: id.exactOptional(),
    limit: z.number().int().min(1).max(10_000).exactOptional(),
    offline: z.boolean().exactOptional(),
    timeout: ms.exactOptional(),
    patience: ms.exactOptional(),
  }),
  'read.mark': z.object({ chat: peer, upTo: id }),
  listen: z.object({ chat: peer.exactOptional(), since: id.exactOptional() }),
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
