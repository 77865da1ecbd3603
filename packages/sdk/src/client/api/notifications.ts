import type { ConversationId } from '../../records/ids.ts'
import type { Notification } from '../../records/notification.ts'
import type { Abortable } from '../../util/abort.ts'

export interface Notifications {
  /** Live only: what the rules of conversations and settings let through. */
  stream(options?: Abortable): AsyncIterable<Notification>
  /** What the person looks at now: its messages do not notify here. undefined: nothing. In browsers each tab's own. */
  reading(conversation: ConversationId | undefined): void
}
