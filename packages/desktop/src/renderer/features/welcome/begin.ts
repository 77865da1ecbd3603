import { parsePeer } from '@dchat/sdk'
import type { Suggestions } from '../../../core/host.ts'
import type { Desk } from '../../state/desk.svelte.ts'
import type { Beginning } from '../../state/make-client.ts'
import type { Session } from '../../state/session.svelte.ts'

/** What devices are called on lists of devices, until somebody names them: "Chromium on Linux". */
export const deviceName = (agent: string): string => {
  const browser = ['Firefox', 'Edg', 'OPR', 'Electron', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`))
  const system = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS X', 'Linux'].find((name) => agent.includes(name))
  const shown: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', Electron: 'dchat', 'Mac OS X': 'macOS' }
  const names = [browser, system].filter((name) => name !== undefined).map((name) => shown[name] ?? name)
  return names.length === 0 ? 'A device' : names.join(' on ')
}

/** Makes the identity, names it, and opens the conversation with the guide where there is one. */
export const begin = async (
  desk: Desk,
  beginning: Beginning,
  { name = '', suggestions }: { name?: string; suggestions?: Suggestions } = {},
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
