import { DchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { HistoryCalls, ProgressView } from './history-types.ts'

export const historyStatus = async ({ client }: Engine): Promise<HistoryCalls['history.status']['result']> => ({
  progress: await client.history.progress(),
  archive: await client.history.archive(),
})

const isOver = ({ state }: ProgressView): boolean => state === 'done' || state === 'nothing-there' || state === 'idle'

/** Each step, until there is no more to come. Throws `transport/unconfirmed` where nothing moves for `timeout` ms. */
export async function* fetchHistory(
  { client, online }: Engine,
  params: { readonly again?: boolean; readonly timeout?: number; readonly patience?: number },
  signal: AbortSignal,
): AsyncGenerator<ProgressView> {
  const { again, timeout = WAIT, patience = PATIENCE } = params
  await online.ready(patience, signal)
  if (again === true) await client.history.request()
  const still = new AbortController()
  const late = new DchatError('transport/unconfirmed', { waited: timeout })
  let timer = setTimeout(() => still.abort(late), timeout)
  try {
    for await (const progress of client.history.stream({ signal: AbortSignal.any([signal, still.signal]) })) {
      clearTimeout(timer)
      yield progress
      if (isOver(progress)) return
      timer = setTimeout(() => still.abort(late), timeout)
    }
  } finally {
    clearTimeout(timer)
  }
}
