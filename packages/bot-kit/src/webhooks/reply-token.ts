import { createHmac, timingSafeEqual } from 'node:crypto'
import type { BotEvent } from '../events/event.ts'

/** How long `POST /v1/actions` may answer an event, ms. */
export const REPLY_TIME = 15 * 60 * 1000

/** What a token allows: to act in one conversation, in answer to one event, for a while. */
export interface ReplyScope {
  readonly conversation: Pick<BotEvent['data']['conversation'], 'id' | 'kind'>
  readonly eventId: string
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface ReplyTokens {
  issue(event: BotEvent, now: number): { readonly token: string; readonly expiresAt: number }
  /** Undefined for a token that is not of this bot, or over. */
  read(token: string, now: number): ReplyScope | undefined
}

const MAC_LENGTH = 32

/** Tokens say everything themselves, so they hold over restarts. `key`: 32 bytes that only the gateway has. */
export const replyTokens = (key: Uint8Array): ReplyTokens => {
  const mac = (text: Uint8Array): Buffer => createHmac('sha256', key).update('reply-token.').update(text).digest()
  return {
    issue: ({ data }, now) => {
      const { id, kind } = data.conversation
      const expiresAt = now + REPLY_TIME
      const text = Buffer.from(JSON.stringify([id, kind, data.event_id, expiresAt]))
      return { token: `rt_${Buffer.concat([mac(text), text]).toString('base64url')}`, expiresAt }
    },
    read: (token, now) => {
      if (!token.startsWith('rt_') || token.length > 2000) return undefined
      const bytes = Buffer.from(token.slice(3), 'base64url')
      const text = bytes.subarray(MAC_LENGTH)
      if (bytes.length <= MAC_LENGTH || !timingSafeEqual(bytes.subarray(0, MAC_LENGTH), mac(text))) return undefined
      // Nobody else could have written it.
      const [id, kind, eventId, expiresAt] = JSON.parse(text.toString()) as [string, 'dm' | 'group', string, number]
      return now < expiresAt ? { conversation: { id, kind }, eventId, expiresAt } : undefined
    },
  }
}
