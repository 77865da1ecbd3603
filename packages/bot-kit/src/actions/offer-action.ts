import { DchatError, type Money, OFFER_ROLES, parseMoney, REASONS, type TermsDraft } from '@dchat/sdk'
import { z } from 'zod'

/** Steps of offers as actions (docs/bots.md). */

const clientId = z.string().min(1).max(64).optional().describe('As of other actions')

const money = z
  .union([
    z.string().min(1).max(64),
    z.object({ minor: z.string().max(31), currency: z.string().max(12), exponent: z.int().min(0).max(18) }),
  ])
  .describe('As events have it, or in words: "EUR 45.00"')
  .meta({ id: 'Amount' })

const terms = z
  .object({
    role: z.enum(OFFER_ROLES).optional().describe('What the bot does. Default: sell'),
    items: z
      .array(
        z.object({
          id: z.string().optional(),
          title: z.string().min(1),
          quantity: z.int().min(1).optional(),
          unit_price: money.optional(),
        }),
      )
      .optional(),
    total: money.optional().describe('Left out: the items at their prices'),
    text: z.string().optional().describe('Markdown'),
    expires_in: z.int().min(600).max(2_592_000).optional().describe('Seconds. Default: a day'),
  })
  .meta({ id: 'Terms' })

const answered = {
  client_id: clientId,
  offer_id: z.string().describe('`offer.id` of the event'),
  head: z.string().describe('`offer.head` of the event: an answer is to these terms and no others'),
}

export const offerActions = [
  z.object({ do: z.literal('offer_make'), client_id: clientId, terms }),
  z.object({
    do: z.literal('offer_counter'),
    ...answered,
    terms: terms.describe('What is left out stays as it is'),
  }),
  z.object({ do: z.literal('offer_accept'), ...answered }),
  z.object({ do: z.literal('offer_decline'), ...answered, reason: z.enum(REASONS).optional() }),
  z.object({ do: z.literal('offer_withdraw'), ...answered }),
] as const

export type ActionTerms = z.infer<typeof terms>

const moneyOf = (given: z.infer<typeof money>): Money => (typeof given === 'string' ? parseMoney(given) : given)

/** Throws `usage/invalid-argument` for an amount that cannot be read. */
export const draftOf = ({ role, items, total, text, expires_in }: ActionTerms): TermsDraft => ({
  ...(role !== undefined && { role }),
  ...(items && {
    items: items.map(({ id, title, quantity, unit_price }) => ({
      title,
      ...(id !== undefined && { id }),
      ...(quantity !== undefined && { quantity }),
      ...(unit_price !== undefined && { unitPrice: moneyOf(unit_price) }),
    })),
  }),
  ...(total !== undefined && { price: { total: moneyOf(total) } }),
  ...(text !== undefined && { text }),
  ...(expires_in !== undefined && { expiresIn: expires_in }),
})

const SAYABLE: readonly string[] = ['role', 'items', 'price', 'text', 'expiresIn']

/** Throws `usage/invalid-argument` for terms that actions have no words for. */
export const actionTermsOf = (draft: TermsDraft): ActionTerms => {
  const { role, items, price, text, expiresIn } = draft
  const beyond = Object.keys(draft).find((name) => !SAYABLE.includes(name)) ?? (price?.lines && 'price.lines')
  if (beyond !== undefined)
    throw new DchatError('usage/invalid-argument', { name: `terms.${beyond}`, reason: 'actions have no words for it' })
  return {
    ...(role !== undefined && { role }),
    ...(items && {
      items: items.map(({ id, title, quantity, unitPrice }) => ({
        title,
        ...(id !== undefined && { id }),
        ...(quantity !== undefined && { quantity }),
        ...(unitPrice !== undefined && { unit_price: { ...unitPrice } }),
      })),
    }),
    ...(price?.total !== undefined && { total: { ...price.total } }),
    ...(text !== undefined && { text }),
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
  }
}
