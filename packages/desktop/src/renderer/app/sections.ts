import Handshake from '@lucide/svelte/icons/handshake'
import MessageCircle from '@lucide/svelte/icons/message-circle'
import Store from '@lucide/svelte/icons/store'
import UsersRound from '@lucide/svelte/icons/users-round'
import type { Icon } from '../design/icon.ts'
import type { Place } from '../state/place.svelte.ts'

interface Section {
  readonly view: Exclude<Place['view'], 'settings' | 'new-identity'>
  readonly label: string
  readonly icon: Icon
}

/** The parts of the app, as the rail and the bottom bar have them. */
export const SECTIONS: readonly Section[] = [
  { view: 'chats', label: 'Conversations', icon: MessageCircle },
  { view: 'deals', label: 'Deals', icon: Handshake },
  { view: 'listings', label: 'Listings', icon: Store },
  { view: 'people', label: 'Contacts', icon: UsersRound },
]
