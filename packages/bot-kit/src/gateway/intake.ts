import type { Abortable } from '@dchat/sdk'
import type { BotEvent } from '../events/event.ts'
import type { Queue } from '../queue/queue.ts'

/** Where events come from: in their order, again from the last acknowledged one after a restart. */
export interface EventSource<Cursor = unknown> {
  /** `event` is absent where something arrived that bots are not told. */
  arrivals(options: Required<Abortable>): AsyncIterable<{ readonly cursor: Cursor; readonly event?: BotEvent }>
  /** Everything up to here is stored. */
  ack(cursor: Cursor): Promise<void>
}

/** Events that are on their way to the disk at one time. */
const WINDOW = 64
/** Of a backlog; what comes alone is acknowledged at once. */
const ACK_EVERY = 16

/**
 * Stores what arrives, and acknowledges it when it is stored: what is lost in between comes again, and is known by its id.
 * Ends with the source, or by the signal; rejects with the errors of the source and of the queue.
 */
export const takeIn = async <Cursor>(
  { arrivals, ack }: EventSource<Cursor>,
  { add, signal }: { add: (event: BotEvent) => ReturnType<Queue['add']>; signal: AbortSignal | undefined },
): Promise<void> => {
  /** A disk that fails ends the waiting for what arrives next. */
  const broken = new AbortController()
  const stop = AbortSignal.any([broken.signal, ...(signal ? [signal] : [])])
  let stored: Promise<void> = Promise.resolve()
  let latest: { readonly cursor: Cursor } | undefined
  let count = 0

  /** Once for all that was stored meanwhile. */
  const acknowledge = async (): Promise<void> => {
    if (latest === undefined) return
    const { cursor } = latest
    latest = undefined
    await ack(cursor)
  }
  try {
    for await (const { cursor, event } of arrivals({ signal: stop })) {
      const added = event === undefined ? Promise.resolve(true) : add(event)
      // Its failure is told by `stored`.
      added.catch(() => undefined)
      count += 1
      stored = stored.then(async () => {
        await added
        latest = { cursor }
        count -= 1
        if (count % ACK_EVERY === 0) await acknowledge()
      })
      stored.catch(() => broken.abort())
      if (count >= WINDOW) await stored
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
  await stored
  await acknowledge()
}
