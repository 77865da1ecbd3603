import { type Client, DchatError, isDchatError, parseRelayUrl, type RelayUrl } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'
import type { Beginning } from './make-client.ts'

/**
 * Asks the home relays whether they take who begins here, while another one can still be chosen, and shows the invitation.
 * A relay that cannot be reached is asked by the client when it can be; only an invitation has to be shown now. Throws
 * `relay/not-invited`, and `transport/unreachable` where an invitation was not used; the client is closed then.
 */
export const askRelays = async (client: Client, beginning: Beginning): Promise<void> => {
  if (beginning.kind !== 'new' && beginning.kind !== 'phrase') return
  const { invitation, relays } = beginning
  try {
    for (const relay of relays) await ask(client, parseRelayUrl(relay), invitation)
  } catch (error) {
    await client.close()
    throw error
  }
}

const ask = async (client: Client, relay: RelayUrl, invitation: string | undefined): Promise<void> => {
  const over = new AbortController()
  let reached = false
  const states = (signal: AbortSignal) => client.links.states({ signal })
  const look = (link: {
    readonly relay: RelayUrl
    readonly state: ReturnType<Client['links']['list']>[number]['state']
  }) => {
    if (link.relay !== relay) return
    if (link.state.state === 'ready') reached = true
    // The first attempt has failed: nobody waits for the next one.
    if (link.state.state === 'waiting' && !reached)
      over.abort(new DchatError('transport/unreachable', { relay, reason: link.state.reason }))
  }
  void follow(states, over.signal, look, () => undefined)
  try {
    await client.links.join(invitation ?? relay, { signal: over.signal })
  } catch (error) {
    if (isDchatError(error, 'relay/not-invited')) throw error
    // One that was reached may have taken it and not have come to say so: the identity stays.
    if (invitation !== undefined && !reached) throw error
  } finally {
    over.abort()
  }
}
