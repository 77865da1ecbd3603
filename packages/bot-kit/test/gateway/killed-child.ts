import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runGateway } from '../../src/gateway/gateway.ts'
import type { EventSource } from '../../src/gateway/intake.ts'
import type { Queue } from '../../src/queue/queue.ts'
import { sqliteQueue } from '../../src/queue/sqlite.ts'
import { messageEvent } from '../support/events.ts'

/**
 * A bot in a process of its own, which kills itself at its nth step (0: never): with a real queue on the disk, a stream of
 * arrivals that knows what was acknowledged, and an endpoint that writes down what it handles.
 */

const [folder, count, steps] = process.argv.slice(2) as [string, string, string]
const CONVERSATIONS = 5
const total = Number(count)
let left = Number(steps)

const step = (): void => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

const ackFile = join(folder, 'acked')
const events = Array.from({ length: total }, (_, index) => messageEvent(`c${index % CONVERSATIONS}`, index))
let acked = existsSync(ackFile) ? Number(readFileSync(ackFile, 'utf8')) : 0
const stop = new AbortController()

const source: EventSource<number> = {
  arrivals: async function* () {
    for (let place = acked; place < events.length; place += 1) {
      step()
      yield { cursor: place + 1, event: events[place] as (typeof events)[number] }
    }
  },
  ack: async (cursor) => {
    step()
    writeFileSync(`${ackFile}.new`, `${cursor}`)
    renameSync(`${ackFile}.new`, ackFile)
    acked = cursor
    step()
  },
}

const stored = sqliteQueue(join(folder, 'queue.db'))
const queue: Queue = {
  ...stored,
  add: async (...args) => {
    step()
    const added = await stored.add(...args)
    step()
    return added
  },
  settle: async (...args) => {
    step()
    const health = await stored.settle(...args)
    step()
    if (acked === total && (await stored.waiting({ limit: 1 })).length === 0) stop.abort()
    return health
  },
}

const endpoint = {
  name: 'hook',
  deliver: async ({
    data,
  }: {
    readonly data: { readonly conversation: { readonly id: string }; readonly seq: number }
  }) => {
    step()
    appendFileSync(join(folder, 'handled'), `${data.conversation.id} ${data.seq}\n`)
    step()
    return { state: 'done' } as const
  },
}

// Nothing else keeps the process alive.
const alive = setInterval(() => {
  if (acked === total) void stored.waiting({ limit: 1 }).then(({ length }) => length === 0 && stop.abort())
}, 50)
await runGateway({ source, queue, endpoints: [endpoint], act: async () => undefined }, { signal: stop.signal })
clearInterval(alive)
await stored.close()
