import * as z from 'zod/mini'
import type { Suggestions } from './host.ts'

const relay = z.object({
  url: z.string().check(z.maxLength(512), z.regex(/^wss?:\/\/[^\s]+$/)),
  name: z.string().check(z.minLength(1), z.maxLength(100)),
})

const suggestions = z.object({
  relays: z.array(relay).check(z.maxLength(20)),
  guide: z.optional(z.string().check(z.maxLength(4096), z.regex(/^dchat:[\x21-\x7e]+$/))),
})

/** What is suggested where nobody suggests anything. */
export const NONE: Suggestions = { relays: [] }

/** Reads a `suggestions.json`; something else than suggestions suggests nothing. */
export const readSuggestions = (text: string): Suggestions => {
  try {
    const { relays, guide } = suggestions.parse(JSON.parse(text))
    return { relays, ...(guide === undefined ? {} : { guide }) }
  } catch {
    return NONE
  }
}
