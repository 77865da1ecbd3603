import * as z from 'zod/mini'

/**
 * Everything that the page and the desktop program may say to each other. Both sides check each message against this
 * table, so what is not in it does not get through.
 */

/** What one message carries at most; files go in parts. */
export const PART = 1024 * 1024

const nothing = z.undefined()
const done = z.void()
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= PART)
const id = z.string().check(z.minLength(1), z.maxLength(200))
const text = (longest: number) => z.string().check(z.maxLength(longest))
const position = z.int().check(z.minimum(0))

const suggestions = z.object({
  relays: z.array(z.object({ url: z.string(), name: z.string() })),
  guide: z.optional(z.string()),
})

/** Calls of the page, with what they take and give. */
export const CALLS = {
  about: { takes: nothing, gives: z.object({ version: text(100), boundTo: text(200), notifies: z.boolean() }) },
  suggestions: { takes: nothing, gives: suggestions },
  'secrets.wrap': { takes: bytes, gives: bytes },
  'secrets.unwrap': { takes: bytes, gives: bytes },
  'notifications.show': { takes: z.object({ id, title: text(200), body: text(1000) }), gives: done },
  'notifications.clear': { takes: id, gives: done },
  'files.save': { takes: text(255), gives: z.optional(id) },
  'files.write': { takes: z.object({ id, bytes }), gives: done },
  'files.finish': { takes: id, gives: done },
  'files.abandon': { takes: id, gives: done },
  'files.open': { takes: text(500), gives: z.optional(z.object({ id, name: text(1000), size: position })) },
  'files.read': { takes: z.object({ id, from: position }), gives: bytes },
  'links.open': { takes: text(4096), gives: done },
  /** The invites that came before the page listened. From now on they are told. */
  'links.take': { takes: nothing, gives: z.array(text(4096)) },
  'updates.state': { takes: nothing, gives: z.enum(['none', 'ready', 'managed-elsewhere']) },
  'updates.install': { takes: nothing, gives: done },
  badge: { takes: position, gives: done },
} as const

/** What the program tells the page without being asked. */
export const EVENTS = { 'notifications.chosen': id, 'links.invite': text(4096) } as const

export type Call = keyof typeof CALLS
export type Takes<C extends Call> = z.infer<(typeof CALLS)[C]['takes']>
export type Gives<C extends Call> = z.infer<(typeof CALLS)[C]['gives']>
export type Event = keyof typeof EVENTS
export type Tells<E extends Event> = z.infer<(typeof EVENTS)[E]>

/** How a call is answered: errors cross as their code and what belongs to it. */
export const reply = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), details: z.record(z.string(), z.unknown()) }),
])
export type Reply = z.infer<typeof reply>

export const isCall = (name: unknown): name is Call => typeof name === 'string' && Object.hasOwn(CALLS, name)
export const isEvent = (name: unknown): name is Event => typeof name === 'string' && Object.hasOwn(EVENTS, name)
