import type { Component } from 'svelte'
import type { Place } from '../state/place.svelte.ts'

/** Loads a view when it is first shown. */
export type View<Props extends Record<string, unknown> = Record<string, never>> = () => Promise<Component<Props>>

export const welcomeView: View<{ oncancel?: () => void }> = async () =>
  (await import('../features/welcome/index.ts')).WelcomeView

export const lockView: View = async () => (await import('../features/settings/index.ts')).LockView

/** What a place shows, beside the rail. */
export const views: Readonly<Record<Exclude<Place['view'], 'new-identity'>, View>> = {
  chats: async () => (await import('./ChatsView.svelte')).default,
  deals: async () => (await import('../features/offers/index.ts')).DealsView,
  listings: async () => (await import('../features/listings/index.ts')).ListingsView,
  people: async () => (await import('../features/people/index.ts')).PeopleView,
  settings: async () => (await import('../features/settings/index.ts')).SettingsView,
}
