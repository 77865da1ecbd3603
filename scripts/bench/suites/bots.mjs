import { answering, eventOf, gateway, program } from '../bots/gateway.mjs'
import { grammy } from '../peers/grammy.mjs'

const names = {
  handlers: 'handlers alone, a text that is answered',
  inProcess: 'from the arrival to the handlers, queue on the disk',
  webhook: 'from the arrival to a webhook, queue on the disk, signed twice',
  handlerLatency: 'one event, from the arrival to the handler',
  webhookLatency: 'one event, from the arrival to the webhook',
  post: 'one POST to the same server, nothing else',
}

const opened = []
let count = 0

/** Resolves when the function that it gives was called so many times. */
const times = (wanted) => {
  let called = 0
  let done = () => undefined
  const all = new Promise((resolve) => {
    done = resolve
  })
  const call = () => {
    called += 1
    if (called === wanted) done()
  }
  return { all, call }
}

const newEvents = (wanted) =>
  Array.from({ length: wanted }, () => {
    count += 1
    return eventOf(count, `number ${count}`)
  })

const perSecond = async (wanted, work) => {
  const since = performance.now()
  await work()
  return (wanted * 1_000) / (performance.now() - since)
}

/** Events that all arrive at once, until the last one is handled; `endpointOf` is told how to count them. */
const backlog = async (wanted, endpointOf) => {
  const events = newEvents(wanted)
  const { all, call } = times(wanted)
  const open = gateway(endpointOf(call))
  const speed = await perSecond(wanted, () => {
    open.give(...events)
    return all
  })
  await open.close()
  return speed
}

const throughput = (bot, server, size) => {
  const [runs, alone, wanted] = size === 'quick' ? [3, 20, 20] : [20, 2_000, 1_000]
  return [
    {
      name: names.handlers,
      unit: 'events/s',
      runs,
      measured: async () => {
        const before = bot.said()
        const events = newEvents(alone)
        const speed = await perSecond(alone, async () => {
          for (const event of events) await bot.handle(event)
        })
        if (bot.said() - before !== alone) throw new Error('the bot did not answer all')
        return speed
      },
    },
    {
      name: names.inProcess,
      unit: 'events/s',
      runs: Math.min(runs, 8),
      measured: () =>
        backlog(wanted, (handled) => ({ name: 'bot', deliver: (event) => bot.handle(event).finally(handled) })),
    },
    {
      name: names.webhook,
      unit: 'events/s',
      runs: Math.min(runs, 8),
      measured: () =>
        backlog(wanted, (handled) => {
          const webhook = server.webhook()
          return { ...webhook, deliver: (...args) => webhook.deliver(...args).finally(handled) }
        }),
    },
  ]
}

const latency = (bot, server, size) => {
  const runs = size === 'quick' ? 5 : 400
  let handled = () => undefined
  const direct = gateway({
    name: 'bot',
    deliver: (event) => {
      handled()
      return bot.handle(event)
    },
  })
  const posting = gateway(server.webhook())
  opened.push(direct, posting)
  const once = async (open, listen) => {
    const [event] = newEvents(1)
    const { all, call } = times(1)
    listen(call)
    open.give(event)
    await all
  }
  const body = Buffer.from(JSON.stringify(eventOf(1, 'number 1')))
  /** What the last one left to be written is no part of the next. */
  const rest = () => new Promise((resolve) => setTimeout(resolve, 5))
  return [
    {
      name: names.handlerLatency,
      runs,
      prepare: rest,
      run: () =>
        once(direct, (call) => {
          handled = call
        }),
    },
    { name: names.webhookLatency, runs, prepare: rest, run: () => once(posting, server.onRequest) },
    { name: names.post, runs, prepare: rest, run: () => server.post(body) },
  ]
}

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'bots',
  title: 'Events of a bot',
  unit: 'ms',
  rounds: 4,
  setup: async (size) => {
    const [bot, server] = [await answering(), await program()]
    opened.push({ close: () => bot.stop() }, server)
    return [...throughput(bot, server, size), ...latency(bot, server, size)]
  },
  peers: [grammy],
  // What was opened here is closed like a peer: in the end, whatever happened.
  parts: [
    {
      name: 'gateways',
      open: async () => [],
      close: async () => {
        for (const { close } of opened.splice(0).reverse()) await close()
      },
    },
  ],
  aims: [
    { of: names.handlers, over: grammy.title },
    { of: names.webhookLatency, over: names.post },
  ],
}
