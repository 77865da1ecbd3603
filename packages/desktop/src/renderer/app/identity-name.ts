import { shortAddress } from '@dchat/sdk'
import type { Account } from '../state/accounts.svelte.ts'
import type { Session } from '../state/session.svelte.ts'

/** How an own identity is called: by its profile's name while it is open, else by its shortened address. */
export const identityName = (account: Account, session: Session | undefined): string => {
  const name = session?.me.profile?.name
  if (name !== undefined && name !== '') return name
  if (session !== undefined) return shortAddress(session.client.address)
  return account.locked ? 'Locked identity' : 'Identity'
}
