import { type Client, type Clock, type ConversationId, DchatError } from '@dchat/sdk'
import { perform } from '../actions/perform.ts'
import type { BotEvent } from '../events/event.ts'
import type { Doing } from './create-context.ts'
import { offerVerbs } from './offer-verbs.ts'

/** A client does what handlers say, at once, and each verb of an event once. */
export const doAtOnce =
  (client: Client, clock: Clock) =>
  (event: BotEvent, signal: AbortSignal): Doing => {
    const { conversation, event_id: scope } = event.data
    const place = { conversation: conversation.id as ConversationId, scope, signal }
    return {
      act: (action, name) => perform(client, action, place, name),
      sent: ({ message_id: id }) => {
        if (id === undefined) throw new DchatError('internal/unexpected', { what: 'what was sent is not there' })
        return { id }
      },
      offerVerbs: (name) => offerVerbs({ client, clock, event, signal, clientId: () => `${scope}/${name()}` }),
    }
  }
