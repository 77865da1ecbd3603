import type { Action } from '../actions/action.ts'
import type { BotStore } from '../store/bot-store.ts'

/** Events whose answers are remembered. */
const KEPT = 10_000

/** What a bot answered: an event that comes again gets the same answer, and its handlers do not run again. */
export interface Answered {
  get(eventId: string): Promise<readonly Action[] | undefined>
  set(eventId: string, actions: readonly Action[]): Promise<void>
}

const NEXT = 'webhook/next'
const slotKey = (place: number): string => `webhook/slot/${place % KEPT}`
const answerKey = (eventId: string): string => `webhook/event/${eventId}`

/** Keeps the newest answers in the bot's store: as many as `KEPT`, however long it works. */
export const createAnswered = (store: BotStore): Answered => {
  let last: Promise<void> = Promise.resolve()
  const keep = async (eventId: string, actions: readonly Action[]): Promise<void> => {
    const place = ((await store.get(NEXT)) as number | undefined) ?? 0
    const oldest = (await store.get(slotKey(place))) as string | undefined
    if (oldest !== undefined) await store.delete(answerKey(oldest))
    await store.set(slotKey(place), eventId)
    await store.set(NEXT, (place + 1) % KEPT)
    await store.set(answerKey(eventId), actions)
  }
  return {
    get: async (eventId) => (await store.get(answerKey(eventId))) as readonly Action[] | undefined,
    set: (eventId, actions) => {
      const kept = last.then(() => keep(eventId, actions))
      last = kept.catch(() => undefined)
      return kept
    },
  }
}
