import type { Inline } from './client.ts'
import type { Core } from './core.ts'
import type { Rooms } from './rooms/rooms.ts'

export const inlineOf = (core: Core, rooms: Rooms): Inline => ({
  query: async (conversation, text, options = {}) =>
    (await import('./later.ts')).askInline(core, rooms, conversation, text, options),
  answer: async (query, answer) => (await import('./later.ts')).answerInline(core, rooms, query, answer),
})
