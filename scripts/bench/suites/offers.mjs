import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'

const built = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href)

const LAMP = { items: [{ title: 'A lamp', unitPrice: { minor: '5000', currency: 'EUR', exponent: 2 } }] }
const TIMEOUT = 1_200_000

/** Two people at a relay of their own, with so many messages behind them. */
const meet = async (messages) => {
  const { createRelay } = await built('relay')
  const { createClient, createIdentity } = await built('sdk')
  const relay = await createRelay()
  const person = async () => {
    const client = await createClient({
      identity: createIdentity(),
      relays: [relay.url],
      store: ':memory:',
      strangers: 'allow',
      reports: false,
    })
    await client.connect()
    return client
  }
  const ann = await person()
  const ben = await person()
  const { id } = await ann.conversations.dm(ben.address)
  for (let i = 0; i < messages; i += 1)
    await ann.messages.send(id, `message ${i}`, i === messages - 1 ? { wait: 'sent', timeout: TIMEOUT } : {})
  await ann.messages.send(id, 'the last one', { wait: 'sent', timeout: TIMEOUT })
  await ben.sync()
  const close = async () => {
    await Promise.all([ann.close(), ben.close()])
    await relay.close()
  }
  return { ann, ben, id, close }
}

/** An offer that the other side has read. */
const offered = async ({ ann, ben, id }) => {
  const { offer } = await ann.offers.make(id, LAMP, { wait: 'sent' })
  while ((await ben.offers.get(offer)) === undefined) await ben.sync()
  return offer
}

const name = {
  make: (messages) => `make an offer, behind ${messages} messages`,
  counter: (messages) => `counter it, behind ${messages} messages`,
  accept: (messages) => `accept it, behind ${messages} messages`,
  busy: (queued) => `accept it, with ${queued} own messages on their way`,
}

const casesOf = (pair, messages, runs) => [
  {
    name: name.make(messages),
    runs,
    run: () => pair.ann.offers.make(pair.id, LAMP, { wait: 'sent' }),
  },
  {
    name: name.counter(messages),
    runs,
    prepare: () => offered(pair),
    run: (offer) =>
      pair.ben.offers.counter(
        offer,
        { price: { total: { minor: '4000', currency: 'EUR', exponent: 2 } } },
        { wait: 'sent' },
      ),
  },
  {
    name: name.accept(messages),
    runs,
    prepare: () => offered(pair),
    run: (offer) => pair.ben.offers.accept(offer, { wait: 'sent' }),
  },
]

/** Milliseconds that an acceptance takes while so many messages of the same person go out; they have gone when it ends. */
const acceptWhileSending = async (pair, queued) => {
  const { ben, id } = pair
  const offer = await offered(pair)
  let last
  for (let i = 0; i < queued; i += 1) last = await ben.messages.send(id, `talk ${i}`)
  const since = performance.now()
  await ben.offers.accept(offer, { wait: 'sent', timeout: TIMEOUT })
  const took = performance.now() - since
  if (queued >= 1_000 && (await ben.messages.get(last.id)).state === 'sent') throw new Error('nothing was on its way')
  await ben.messages.waitFor(last.id, 'sent', { timeout: TIMEOUT })
  return took
}

const LONG = { quick: 20, full: 10_000 }
const pairs = []

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'offers',
  title: 'A step of an offer, until it stands, over a relay in this process',
  unit: 'ms',
  rounds: 2,
  setup: async (size) => {
    const runs = size === 'quick' ? 3 : 40
    const count = LONG[size]
    const [short, long, busy] = [await meet(0), await meet(count), await meet(0)]
    pairs.push(short, long, busy)
    return [
      ...casesOf(short, 0, runs),
      ...casesOf(long, count, runs),
      { name: name.busy(count), runs: 2, warmup: 0, measured: () => acceptWhileSending(busy, count) },
    ]
  },
  // What was opened here is closed like a peer: in the end, whatever happened.
  parts: [
    {
      name: 'pairs of people',
      open: async () => [],
      close: async () => {
        await Promise.all(pairs.splice(0).map(({ close }) => close()))
      },
    },
  ],
  aims: [
    { of: name.accept(LONG.full), over: name.accept(0), atMost: 1.5 },
    { of: name.busy(LONG.full), over: name.accept(0) },
  ],
}
