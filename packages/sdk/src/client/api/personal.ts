import type { ConversationId } from '../../records/ids.ts'
import type { Draft, NotifyRule, Settings } from '../../records/personal.ts'
import type { Abortable } from '../../util/abort.ts'

/** What holds on all devices of this person. */
export interface SettingsApi {
  get(): Promise<Settings>
  set(changes: Partial<Settings>): Promise<Settings>
  /** Now, and after each change here or on another device. */
  stream(options?: Abortable): AsyncIterable<Settings>
}

/** Verbs of a conversation that concern this person alone; they hold on all of its devices. */
export interface PersonalConversations {
  /** undefined: no draft any more. */
  setDraft(id: ConversationId, draft: Draft | undefined): Promise<void>
  /** Pinned conversations stand first, in the order of pinning. */
  setPinned(id: ConversationId, pinned: boolean): Promise<void>
  setArchived(id: ConversationId, archived: boolean): Promise<void>
  /** undefined: as the settings say. */
  setNotify(id: ConversationId, rule: NotifyRule | undefined): Promise<void>
}
