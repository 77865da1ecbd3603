import type { Abortable, Client, Clock, ConversationId } from '@dchat/sdk'
import { isLimited } from '../actions/action.ts'
import { createLimits, type Limits } from '../actions/limits.ts'
import { perform } from '../actions/perform.ts'
import { systemClock } from '../clock.ts'
import type { Act } from './attempt.ts'

/**
 * Does what webhooks answer, in the event's conversation, at the pace that bots have (docs/bots.md): the next action waits
 * until there is room for it.
 */
export const actAs = (
  client: Client,
  { clock = systemClock, limits = createLimits(() => clock.now()) }: { clock?: Clock; limits?: Limits } = {},
): Act => {
  const room = async (conversation: Parameters<Limits['take']>[0], { signal }: Abortable): Promise<void> => {
    for (let wait = limits.take(conversation); wait > 0; wait = limits.take(conversation))
      await clock.sleep(wait, { signal })
  }
  return async ({ data }, actions, { endpoint, signal }) => {
    // Two webhooks that answer the same event may give their actions the same names.
    const place = {
      conversation: data.conversation.id as ConversationId,
      scope: `${data.event_id}/${endpoint}`,
      signal,
    }
    for (const [index, action] of actions.entries()) {
      if (isLimited(action)) await room(data.conversation, { signal })
      await perform(client, action, place, `${index}`)
    }
  }
}
