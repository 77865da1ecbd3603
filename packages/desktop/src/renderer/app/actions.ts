import Keyboard from '@lucide/svelte/icons/keyboard'
import Lock from '@lucide/svelte/icons/lock'
import Moon from '@lucide/svelte/icons/moon'
import Plus from '@lucide/svelte/icons/plus'
import Search from '@lucide/svelte/icons/search'
import Settings from '@lucide/svelte/icons/settings'
import Sun from '@lucide/svelte/icons/sun'
import type { Icon } from '../design/icon.ts'
import type { Desk } from '../state/desk.svelte.ts'
import { SECTIONS } from './sections.ts'

interface Action {
  readonly id: string
  readonly title: string
  readonly icon: Icon
  readonly keys?: string
  readonly run: () => void
}

/** What can be done from the switcher. */
export const actionsOf = (desk: Desk, search: () => void, help: () => void): readonly Action[] => {
  const { accounts, appearance, places } = desk
  const account = accounts.activeAccount
  return [
    { id: 'search', title: 'Search everywhere', icon: Search, keys: 'Ctrl+Shift+F', run: search },
    ...SECTIONS.map(({ view, label, icon }) => ({ id: view, title: label, icon, run: () => places.go({ view }) })),
    { id: 'settings', title: 'Settings', icon: Settings, run: () => places.go({ view: 'settings' }) },
    {
      id: 'light',
      title: 'Theme: light',
      icon: Sun,
      run: () => {
        appearance.theme = 'light'
      },
    },
    {
      id: 'dark',
      title: 'Theme: dark',
      icon: Moon,
      run: () => {
        appearance.theme = 'dark'
      },
    },
    {
      id: 'system',
      title: 'Theme: as the system has it',
      icon: Sun,
      run: () => {
        appearance.theme = 'system'
      },
    },
    { id: 'identity', title: 'Add an identity', icon: Plus, run: () => places.go({ view: 'new-identity' }) },
    ...(account?.locked === true
      ? [{ id: 'lock', title: 'Lock this identity', icon: Lock, run: () => void accounts.lock(account.store) }]
      : []),
    { id: 'help', title: 'Keyboard', icon: Keyboard, keys: '?', run: help },
  ]
}
