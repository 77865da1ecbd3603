import type { PersonalConversations, SettingsApi } from '../api/personal.ts'
import type { Desk } from './desk.ts'
import { listStream } from './streams.ts'

export const sharedPersonal = (desk: Desk): PersonalConversations => ({
  setDraft: (id, draft) => desk.call('conversations.setDraft', [id, draft]),
  setPinned: (id, pinned) => desk.call('conversations.setPinned', [id, pinned]),
  setArchived: (id, archived) => desk.call('conversations.setArchived', [id, archived]),
  setNotify: (id, rule) => desk.call('conversations.setNotify', [id, rule]),
})

export const sharedSettings = (desk: Desk): SettingsApi => ({
  get: () => desk.call('settings.get', []),
  set: (changes) => desk.call('settings.set', [changes]),
  stream: (options = {}) => listStream(desk, 'settings.stream', [], () => 'settings', options),
})
