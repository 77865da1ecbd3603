import type { Contacts } from './client.ts'
import type { Core } from './core.ts'

/** Contacts load when they are used. */
export const contactsApi = (core: Core, isConnected: () => boolean): Contacts => {
  const people = async (): Promise<Contacts> => new (await import('./later.ts')).ContactsWork(core, isConnected)
  return {
    add: async (peer, options) => (await people()).add(peer, options),
    find: async (named) => (await people()).find(named),
    list: async () => (await people()).list(),
    remove: async (address) => (await people()).remove(address),
    rename: async (address, name) => (await people()).rename(address, name),
    person: async (address) => (await people()).person(address),
    requests: async () => (await people()).requests(),
    allow: async (address) => (await people()).allow(address),
    deny: async (address) => (await people()).deny(address),
    block: async (address) => (await people()).block(address),
    unblock: async (address) => (await people()).unblock(address),
    safetyNumber: async (address) => (await people()).safetyNumber(address),
    verify: async (address, compared) => (await people()).verify(address, compared),
    unverify: async (address) => (await people()).unverify(address),
  }
}
