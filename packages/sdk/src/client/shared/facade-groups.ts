import type { ConversationId } from '../../records/ids.ts'
import type { Chat, Groups } from '../client.ts'
import type { Desk } from './desk.ts'
import { plain } from './plain.ts'

export const sharedGroups = (desk: Desk, key: () => string, chat: (id: ConversationId) => Chat): Groups => ({
  create: async (options) => chat(await desk.call('groups.create', [{ clientId: key(), ...plain(options) }], options)),
  add: (id, people, options) => desk.call('groups.add', [id, people, plain(options)], options),
  remove: (id, people, options) => desk.call('groups.remove', [id, people, plain(options)], options),
  leave: (id) => desk.call('groups.leave', [id]),
  rename: (id, name, options) => desk.call('groups.rename', [id, name, plain(options)], options),
  setPicture: (id, picture, options) => desk.call('groups.setPicture', [id, picture, plain(options)], options),
  setRole: (id, address, role, options) => desk.call('groups.setRole', [id, address, role, plain(options)], options),
  liftApproval: (id, options) => desk.call('groups.liftApproval', [id, plain(options)], options),
  info: (id) => desk.call('groups.info', [id]),
  invitations: () => desk.call('groups.invitations', []),
  accept: async (id, options) => chat(await desk.call('groups.accept', [id, plain(options)], options)),
  decline: (id) => desk.call('groups.decline', [id]),
})
