import { parsePeer } from '@dchat/sdk'
import type { Suggestions } from '../../../core/host.ts'
import type { Desk } from '../../state/desk.svelte.ts'
import type { Beginning } from '../../state/make-client.ts'
import type { RelayEntry } from '../../state/relay-entry.svelte.ts'
import type { Session } from '../../state/session.svelte.ts'

/** What devices are called on lists of devices, until somebody names them: "Chromium on Linux". */
export const deviceName = (agent: string): string => {
  const browser = ['Firefox', 'Edg', 'OPR', 'Electron', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`))
  const system = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS X', 'Linux'].find((name) => agent.includes(name))
  const shown: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', Electron: 'dchat', 'Mac OS X': 'macOS' }
  const names = [browser, system].filter((name) => name !== undefined).map((name) => shown[name] ?? name)
  return names.length === 0 ? 'A device' : names.join(' on ')
}

interface Around {
  readonly name?: string
  readonly suggestions?: Suggestions
}

/** The same at the relay that was named, with the invitation that it asks for; the entry tells where it asks for one. */
export const beginAt = async (
  desk: Desk,
  entry: RelayEntry,
  beginning: { readonly kind: 'new' } | { readonly kind: 'phrase'; readonly phrase: string },
  around: Around = {},
): Promise<void> => {
  const { relay, given: invitation } = entry
  if (relay === undefined) return
  try {
    await begin(
      desk,
      { ...beginning, relays: [relay], invitation, deviceName: deviceName(navigator.userAgent) },
      around,
    )
  } catch (error) {
    if (!entry.takes(error)) throw error
  }
}

/** Makes the identity, names it, and opens the conversation with the guide where there is one. */
export const begin = async (
  desk: Desk,
  beginning: Beginning,
  { name = '', suggestions }: Around = {},
): Promise<void> => {
  const session = await desk.accounts.begin(beginning)
  if (name.trim() !== '') await session.me.set({ name: name.trim() })
  const conversation = suggestions?.guide === undefined ? undefined : await meet(session, suggestions.guide)
  desk.places.go({ view: 'chats', ...(conversation === undefined ? {} : { conversation }) })
}

/** The conversation with whom an invite names. Nothing is sent before the person writes. */
const meet = async ({ client, people }: Session, invite: string) => {
  const { address, relays } = parsePeer(invite)
  people.asked(address, 'Guide')
  return (await client.conversations.dm(address, { relays })).id
}
