import { generator } from '../relay/generate.mjs'
import { cpuOf, memoryOf, restingMemoryOf } from '../relay/process.mjs'
import { besides } from '../relay/servers.mjs'

const memory = (server) => `${server}: memory of an idle connection`
const served = (server) => `${server}: killed and started again, until a client is served`

/** Clients that hold on to a connection: what they cost, and what happens when all of them lose it at once. */
const { parts, peers } = besides(async (server, size) => {
  const [idle, storm, runs] = size === 'quick' ? [20, 20, 1] : [1_000, 2_000, 3]
  let empty
  let last
  const once = { runs, warmup: 0 }
  const fresh = async () => {
    const running = await server.open(0)
    const clients = generator()
    const close = async () => {
      await clients.close()
      await running.close()
    }
    return { running, clients, close }
  }
  const rest = size === 'quick' ? memoryOf : restingMemoryOf
  return [
    {
      name: memory(server.name),
      unit: 'KiB',
      ...once,
      measured: async () => {
        const { running, clients, close } = await fresh()
        try {
          await clients.ask('idle', { ...running.target, count: 10 })
          empty = await rest(running.pid)
          await clients.ask('idle', { ...running.target, count: idle })
          return (((await rest(running.pid)) - empty) * 1_024) / idle
        } finally {
          await close()
        }
      },
    },
    { name: `${server.name}: memory with 10 connections`, unit: 'MiB', ...once, measured: async () => empty },
    {
      name: served(server.name),
      ...once,
      samples: async () => {
        const { running, clients, close } = await fresh()
        let again
        try {
          await clients.ask('idle', { ...running.target, count: storm })
          running.kill('SIGKILL')
          await running.ended
          const waiting = clients.ask('storm', { ...running.target, count: storm })
          const since = performance.now()
          again = await running.again()
          const up = performance.now() - since
          const { latencies } = await waiting
          last = { up, all: Math.max(...latencies), cpu: cpuOf(again.pid) }
          return latencies
        } finally {
          await again?.close()
          await close()
        }
      },
    },
    { name: `${server.name}: the same, until all are served`, ...once, measured: async () => last.all },
    { name: `${server.name}: the same, until the server listens`, ...once, measured: async () => last.up },
    { name: `${server.name}: the same, CPU of the server`, ...once, measured: async () => last.cpu },
  ]
})

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'connections',
  title: '1,000 idle connections, and 2,000 that come back at once',
  unit: 'ms',
  rounds: 3,
  parts,
  peers,
  aims: [
    { of: memory('dchat'), atMost: 33 },
    ...['ejabberd', 'Prosody'].map((peer) => ({ of: memory('dchat'), over: memory(peer), atMost: 1 })),
    ...['ejabberd', 'Prosody'].map((peer) => ({ of: served('dchat'), over: served(peer) })),
  ],
}
