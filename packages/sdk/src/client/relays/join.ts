import { encodedLog } from '../../protocol/identity/log.ts'
import { parseRelayInvitation } from '../../protocol/wire/relay-invitation.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Core } from '../core.ts'

const TIMEOUT = 10_000

/** Shows an invitation with the own log. The secret goes to that relay alone and is kept nowhere. */
export const joinRelay = async (
  { links, self, signal: closing }: Core,
  invitation: string,
  { signal = closing, timeout = TIMEOUT }: Abortable & { readonly timeout?: number } = {},
): Promise<RelayUrl> => {
  const { relay, secret } = parseRelayInvitation(invitation)
  const link = links.get(relay)
  await link.ready({ signal, timeout })
  await link.request('identity.put', { log: encodedLog(self.log), invitation: secret }, { signal, timeout })
  return relay
}
