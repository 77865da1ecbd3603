import { z } from 'zod'
import { keyboardSchema } from '../events/event.ts'
import { offerActions } from './offer-action.ts'

/** What a bot does, as data: what a handler calls, what a webhook answers, what `POST /v1/actions` takes (docs/bots.md). */

const clientId = z
  .string()
  .min(1)
  .max(64)
  .optional()
  .describe('Idempotency key within the event: the same one never acts twice. Default: the place in the list')
const messageId = z.string().regex(/^[0-9a-f]{64}$/)

export const actionSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('send'),
    client_id: clientId,
    text: z.string().min(1),
    format: z.enum(['text', 'markdown']).default('text'),
    reply_to: messageId.optional(),
    keyboard: keyboardSchema.optional(),
  }),
  z.object({
    do: z.literal('edit'),
    client_id: clientId,
    message_id: messageId,
    text: z.string().min(1),
    format: z.enum(['text', 'markdown']).default('text'),
    keyboard: keyboardSchema.optional(),
  }),
  z.object({ do: z.literal('delete'), client_id: clientId, message_id: messageId }),
  z.object({ do: z.literal('react'), client_id: clientId, message_id: messageId, emoji: z.string().min(1).max(64) }),
  z.object({
    do: z.literal('answer_callback'),
    client_id: clientId,
    callback_id: z.string(),
    text: z.string().max(200).optional(),
    alert: z.boolean().default(false),
  }),
  z.object({
    do: z.literal('answer_inline'),
    client_id: clientId,
    query_id: z.string(),
    results: z
      .array(
        z.object({
          id: z.string().min(1).max(64),
          title: z.string().min(1).max(100),
          description: z.string().max(200).optional(),
          text: z.string().min(1).max(4_096).describe('What is said where the person picks it'),
          format: z.enum(['text', 'markdown']).default('text'),
        }),
      )
      .max(50),
    cache_s: z.int().min(0).max(86_400).default(0).describe('Seconds for which the same words need not be asked again'),
  }),
  ...offerActions,
  z.object({ do: z.literal('typing') }),
  z.object({ do: z.literal('none') }),
])

/** Actions at most in one answer. */
export const ACTIONS_LIMIT = 10

/** The body of a webhook's answer. */
export const answerSchema = z.object({ v: z.literal(1), actions: z.array(actionSchema).max(ACTIONS_LIMIT) })

export type Action = z.input<typeof actionSchema>

const LIMITED: readonly Action['do'][] = ['send', 'edit', 'offer_make', 'offer_counter']

/** It writes something that others are sent, so it waits for its turn (bots.md, "Limits"). */
export const isLimited = (action: Pick<Action, 'do'>): boolean => LIMITED.includes(action.do)
