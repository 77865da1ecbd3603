import { join } from 'node:path'
import type { Queue } from '@dchat/bot-kit'
import type { Context } from '../command/context.ts'
import { type PlaceValues, placeOf } from './place.ts'

export const QUEUE_FILE = 'queue.db'

export type Kit = typeof import('@dchat/bot-kit')

/** Works with the queue of a bot, whether it runs or not. `--data` alone names it: no secret is needed then. */
export const withQueue = async <T>(
  values: PlaceValues,
  context: Context,
  work: (queue: Queue, kit: Kit) => Promise<T>,
): Promise<T> => {
  const data = values.data ?? (await placeOf(values, context)).data
  const kit = await import('@dchat/bot-kit')
  const queue = kit.sqliteQueue(join(data, QUEUE_FILE))
  try {
    return await work(queue, kit)
  } finally {
    await queue.close()
  }
}
