import { fork } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../lib/run.mjs'

/** A generator of load. Each order is answered before the next one is given. */
export const generator = (file = 'scripts/bench/relay/generator.mjs') => {
  const child = fork(join(root, file))
  let answer
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.on('message', (message) => answer?.(message))
  ended.then(() => answer?.({ error: 'the generator ended' }))
  return {
    pid: child.pid,
    ask: async (order, options = {}) => {
      const { result, error } = await new Promise((resolve) => {
        answer = resolve
        child.send({ order, ...options })
      })
      if (error !== undefined) throw new Error(error)
      return result
    },
    close: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
