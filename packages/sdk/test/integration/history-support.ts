import type { Client, HistoryProgress } from '../../src/index.ts'

/** Resolves when this device has put so many messages into the archive, and nothing waits. */
export const kept = async (client: Client, messages: number): Promise<void> => {
  const over = Date.now() + 60_000
  while (Date.now() < over) {
    const state = await client.history.archive()
    if (state.behind === 0 && state.messages === messages) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the archive has ${JSON.stringify(await client.history.archive())}`)
}

/** The end of taking the past. */
export const past = async (client: Client): Promise<HistoryProgress> => {
  for await (const progress of client.history.stream({ signal: AbortSignal.timeout(120_000) }))
    if (progress.state === 'done' || progress.state === 'nothing-there') return progress
  throw new Error('the stream ended')
}
