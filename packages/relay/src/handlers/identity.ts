import type { Handlers } from './handler.ts'

export const identityHandlers: Pick<Handlers, 'identity.put' | 'identity.get'> = {
  'identity.put': async ({ log }, { relay, address }) => ({
    length: await relay.identities.put(log, (entries) => relay.rates.logEntries.take(address, entries)),
  }),
  'identity.get': async ({ address, key }, { relay: { identities } }) => {
    const logs = address !== undefined ? await identities.byAddress(address) : key ? await identities.byKey(key) : []
    return { logs }
  },
}
