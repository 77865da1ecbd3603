import type { HomeRelays } from '../api/home-relays.ts'
import { branch, type Core } from '../core.ts'

/** Everything that changes the identity loads when it is asked for. */
export const homeRelaysOf = (core: Core): HomeRelays => {
  const verb =
    (name: keyof HomeRelays): HomeRelays['add'] =>
    async (relay, options = {}) =>
      (await import('../later.ts')).changeHome(branch(core), name, relay, options)
  return { add: verb('add'), remove: verb('remove'), use: verb('use') }
}
