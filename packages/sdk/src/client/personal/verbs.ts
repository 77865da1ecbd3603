import type { PersonalConversations, SettingsApi } from '../api/personal.ts'
import type { Core } from '../core.ts'

/** What a person keeps of conversations; loaded when it is used. */
export const personalConversations = (core: Core): PersonalConversations => {
  const work = async () => (await import('../later.ts')).personalWork(core)
  return {
    setDraft: async (id, draft) => (await work()).setDraft(id, draft),
    setPinned: async (id, pinned) => (await work()).setPinned(id, pinned),
    setArchived: async (id, archived) => (await work()).setArchived(id, archived),
    setNotify: async (id, rule) => (await work()).setNotify(id, rule),
  }
}

/** Settings load when they are used. */
export const settingsOf = (core: Core): SettingsApi => {
  const work = async () => new (await import('../later.ts')).PersonalSettings(core)
  return {
    get: async () => (await work()).get(),
    set: async (changes) => (await work()).set(changes),
    async *stream(options) {
      yield* (await work()).stream(options)
    },
  }
}
