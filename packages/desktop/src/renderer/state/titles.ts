import type { Conversation } from '@dchat/sdk'
import type { People } from './people.svelte.ts'

/** What a conversation is called in the list. */
export const titleOf = ({ kind, peer, title }: Conversation, people: People): string =>
  title ?? (kind === 'group' || peer === undefined ? 'Group' : people.title(peer))
