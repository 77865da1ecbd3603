import { isDchatError, toHex } from '@dchat/sdk/wire'
import type { Handlers } from './handler.ts'

export const identityHandlers: Pick<Handlers, 'identity.put' | 'identity.get'> = {
  'identity.put': async ({ log, fork = true, invitation }, { relay, address }) => {
    const charge = (entries: number) => relay.rates.logEntries.take(address, entries)
    const { length, revoked, admitted } = await relay.identities.put(log, fork, charge, invitation).catch((error) => {
      if (isDchatError(error, 'relay/not-invited')) relay.metrics.invitations.inc({ outcome: 'refused' })
      throw error
    })
    if (admitted) relay.metrics.invitations.inc({ outcome: 'used' })
    // Whoever listens with a device that is out from now on is told so.
    for (const device of revoked) for (const wake of relay.inboxes.of(toHex(device))) wake()
    return { length }
  },
  'identity.get': async ({ address, key }, { relay: { identities } }) => {
    const logs = address !== undefined ? await identities.byAddress(address) : key ? await identities.byKey(key) : []
    return { logs }
  },
}
