import type { NotifyLevel, NotifyRule } from '../../records/personal.ts'

/** What is known of a message when it comes. */
export interface Arrival {
  readonly own: boolean
  /** Somebody's words, not a notice of what happened to the conversation, nor what is deleted already. */
  readonly isWords: boolean
  /** Its present wording names this person. */
  readonly mention: boolean
  /** Of the past, which another device or the archive gave. */
  readonly history: boolean
  /** Read already, here or on another device. */
  readonly read: boolean
  readonly blocked: boolean
  /** The conversation was not let in yet: the request itself notifies, once. */
  readonly request: boolean
}

/** What holds in a conversation now: its own rule as long as it lasts, else the setting. Times in ms since 1970. */
export const levelOf = (rule: NotifyRule | undefined, setting: NotifyLevel, now: number): NotifyLevel =>
  rule === undefined || (rule.until !== undefined && now >= rule.until) ? setting : rule.level

/** Is the person told of it? */
export const notifies = (arrival: Arrival, level: NotifyLevel): boolean => {
  const { own, isWords, mention, history, read, blocked, request } = arrival
  if (own || !isWords || history || read || blocked || request) return false
  return level === 'all' || (level === 'mentions' && mention)
}
