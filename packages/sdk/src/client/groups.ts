import type { Groups } from './client.ts'
import type { ConversationsApi } from './conversations.ts'
import type { Core } from './core.ts'
import type { Rooms } from './rooms/rooms.ts'

/** Verbs of groups load when they are used. */
export const groupsApi = (core: Core, rooms: Rooms, conversations: ConversationsApi): Groups => {
  const groups = async (): Promise<Groups> => new (await import('./later.ts')).GroupsWork(core, rooms, conversations)
  return {
    create: async (options) => (await groups()).create(options),
    add: async (id, people, options) => (await groups()).add(id, people, options),
    remove: async (id, people, options) => (await groups()).remove(id, people, options),
    leave: async (id) => (await groups()).leave(id),
    rename: async (id, name, options) => (await groups()).rename(id, name, options),
    setPicture: async (id, picture, options) => (await groups()).setPicture(id, picture, options),
    setRole: async (id, address, role, options) => (await groups()).setRole(id, address, role, options),
    liftApproval: async (id, options) => (await groups()).liftApproval(id, options),
    info: async (id) => (await groups()).info(id),
    invitations: async () => (await groups()).invitations(),
    accept: async (id, options) => (await groups()).accept(id, options),
    decline: async (id) => (await groups()).decline(id),
  }
}
