import { encodedLog } from '../../protocol/identity/log.ts'
import { parseRelayInvitation } from '../../protocol/wire/relay-invitation.ts'
import { parseRelayUrl } from '../../protocol/wire/relay-url.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import { announceLog } from '../announce-log.ts'
import type { Core } from '../core.ts'

const TIMEOUT = 10_000

/** Shows a relay the own log, with an invitation if there is one. Its secret goes to that relay alone and is kept nowhere. */
export const joinRelay = async (
  core: Core,
  invitation: string,
  options: Abortable & { readonly timeout?: number } = {},
): Promise<RelayUrl> => {
  const { links, self } = core
  const { signal = core.signal, timeout = TIMEOUT } = options
  const { relay, secret } = invitation.includes('#')
    ? parseRelayInvitation(invitation)
    : { relay: parseRelayUrl(invitation), secret: undefined }
  const link = links.get(relay)
  await link.ready({ signal, timeout })
  const log = encodedLog(self.log)
  await link.request('identity.put', secret === undefined ? { log } : { log, invitation: secret }, { signal, timeout })
  if (self.relays.includes(relay)) await announceLog(core, relay)
  return relay
}
