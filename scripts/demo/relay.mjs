import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRelay, pinoLog, sqliteStore } from '../../packages/relay/dist/index.js'
import { isDchatError } from '../../packages/sdk/dist/errors.js'

/** An identity names its relay's URL, so each port that was ever used has a guide of its own. */
const GUIDE = /^guide-(\d+)$/

export const guideFolder = (data, url) => join(data, `guide-${new URL(url).port}`)

const knownPorts = (data) =>
  existsSync(data)
    ? readdirSync(data)
        .flatMap((name) => GUIDE.exec(name)?.[1] ?? [])
        .map(Number)
    : []

const isTaken = (error) => isDchatError(error, 'transport/unreachable') && error.cause?.code === 'EADDRINUSE'

/** The store, and every topic that was opened in it since. */
const watched = (folder) => {
  const store = sqliteStore(folder)
  const opened = []
  const commit = async (writes) => {
    const outcomes = await store.commit(writes)
    for (const [index, write] of writes.entries())
      if (write.type === 'topic.append' && write.expect === 'absent' && outcomes[index].ok) opened.push(write.topic)
    return outcomes
  }
  return { store: { ...store, commit }, opened }
}

/**
 * A relay on loopback over SQLite, at the first of the ports that is free. Rejects with the relay's errors.
 * @returns {Promise<{ relay: import('@dchat/relay').Relay, store: import('@dchat/relay').Store, opened: Uint8Array[],
 *   folder: string }>}
 */
export const startRelay = async ({ data, ports }) => {
  const folder = join(data, 'relay')
  const choices = ports(knownPorts(data))
  for (const port of choices) {
    const { store, opened } = watched(folder)
    try {
      const relay = await createRelay({ port, store, name: 'npm start', log: pinoLog('warn') })
      return { relay, store, opened, folder }
    } catch (error) {
      if (!isTaken(error) || port === choices.at(-1)) throw error
      process.stderr.write(`Port ${port} is taken; another one will do.\n`)
    }
  }
}
