import type { ConversationId } from '../../records/ids.ts'
import type { Notification } from '../../records/notification.ts'
import type { Abortable } from '../../util/abort.ts'
import { deferredStream, wantedOf } from '../../util/streams.ts'
import type { Notifications } from '../api/notifications.ts'
import type { Core } from '../core.ts'
import { newestArrival } from '../message-stream.ts'

/** The same for a client and for a tab that works through another one: what is being read is each one's own. */
export const notificationsOver = (open: (options: Abortable) => AsyncIterable<Notification>): Notifications => {
  let current: ConversationId | undefined
  return {
    reading: (conversation) => {
      current = conversation
    },
    stream: (options = {}) =>
      wantedOf(open(options), ({ type, conversation }) => type !== 'message' || conversation !== current),
  }
}

export const notificationsOf = (core: Core): Notifications =>
  notificationsOver((options) => {
    // What happens while the work is being loaded counts.
    const since = newestArrival(core)
    const events = core.events.stream(options)
    const opening = import('../later.ts')
    return deferredStream(
      opening.then(async ({ watchNotifications }) => watchNotifications(core, options, await since, events)),
    )
  })
