import type { Handlers } from './handler.ts'

export const infoHandlers: Pick<Handlers, 'relay.info'> = {
  'relay.info': async (_, { relay }) => ({
    name: relay.name,
    version: relay.version,
    time: relay.clock.now(),
    policy: relay.policy,
  }),
}
