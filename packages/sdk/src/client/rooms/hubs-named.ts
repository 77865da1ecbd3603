import type { Hub } from '../../protocol/topic/hub.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'

/** ms in which a relay that a new conversation names must answer. */
const PATIENCE = 5_000

/**
 * The relays with the keys that they answer by, in their order; those that do not answer are left out. Rejects where
 * none does.
 */
export const hubsNamed = async (
  { links, signal }: Pick<Core, 'links' | 'signal'>,
  relays: readonly RelayUrl[],
): Promise<readonly Hub[]> => {
  const [only, ...others] = relays
  if (only !== undefined && others.length === 0) return [{ url: only, key: await links.relayKey(only, { signal }) }]
  const asked = relays.map(
    async (url): Promise<Hub> => ({
      url,
      key: await links.relayKey(url, { signal, timeout: PATIENCE }),
    }),
  )
  const answers = await Promise.allSettled(asked)
  signal.throwIfAborted()
  const hubs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const failure = answers.find(({ status }) => status === 'rejected')
  if (hubs.length === 0 && failure?.status === 'rejected') throw failure.reason
  return hubs
}
