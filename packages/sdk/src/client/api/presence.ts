import type { Address, ConversationId } from '../../records/ids.ts'
import type { PresenceEvent, PresenceState } from '../../records/presence.ts'
import type { Abortable } from '../../util/abort.ts'

/**
 * Signals: typing, online, last seen (signals.md). Sent only where the settings allow it; nothing of them is stored at a
 * relay. This person is online to others as long as a stream is open, and a few seconds more.
 */
export interface Presence {
  /** Call it while the person types; others see it for 5 s. Sends at most once in 3 s. Does nothing where it is turned off. */
  typing(conversation: ConversationId): Promise<void>
  /** The person stopped without sending anything: others see it at once instead of 5 s after the last `typing`. */
  stopped(conversation: ConversationId): Promise<void>
  /** As it was last heard; `online` is known while a stream is open. */
  of(address: Address): Promise<PresenceState>
  /** Who is online and types now, then what changes. */
  stream(options?: Abortable): AsyncIterable<PresenceEvent>
}
