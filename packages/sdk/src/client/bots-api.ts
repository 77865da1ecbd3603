import type { Bots } from './api/bots.ts'
import type { Core } from './core.ts'
import type { Rooms } from './rooms/rooms.ts'

/** Bots of groups; loaded when used. */
export const botsOf = (core: Core, rooms: Rooms): Bots => {
  const bots = async (): Promise<Bots> => new (await import('./later.ts')).BotsWork(core, rooms)
  return {
    publish: async (manifest) => (await bots()).publish(manifest),
    manifest: async (address) => (await bots()).manifest(address),
    install: async (id, address, options) => (await bots()).install(id, address, options),
    remove: async (id, address, options) => (await bots()).remove(id, address, options),
    list: async (id) => (await bots()).list(id),
  }
}
