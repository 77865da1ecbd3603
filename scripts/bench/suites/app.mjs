import { createWorld } from '../app/world.mjs'

/** What people have who have used the app for years, and what they had in their first weeks. */
const MANY = { conversations: 2_000, messages: 100_000, others: 10 }
const FEW = { conversations: 50, messages: 1_000, others: 10 }
const TINY = { conversations: 12, messages: 200, others: 2 }
const SIZES = { full: { many: MANY, few: FEW }, quick: { many: TINY, few: TINY } }
const STARTS = { full: 5, quick: 1 }
const SWITCHES = { full: 60, quick: 2 }
/** Frames of one burst, and bursts. */
const BURST = { full: 150, quick: 10 }
const BURSTS = { full: 8, quick: 1 }
/** px that the list moves in a frame: a wheel that is turned fast. */
const STEP = 240
const LETTERS = { full: 30, quick: 2 }

const share = (samples, above) => (100 * samples.filter((sample) => sample > above).length) / samples.length

/** What is measured in one profile. Cases of one name share what they did: a start tells several figures. */
const casesOf = (name, world, size) => {
  const burstLength = BURST[size]
  const letters = LETTERS[size]
  const once = (work) => {
    const done = new Map()
    return (index) => {
      if (!done.has(index)) done.set(index, work(index))
      return done.get(index)
    }
  }
  const start = once(async () => {
    const list = await world.start()
    const open = await world.open(0)
    const { log, list: chats, page } = await world.call('elements')
    return { list, open, log, chats, page, heap: await world.heap() }
  })
  const scrollMessages = once(async (index) => {
    // From the newest again after every second one.
    if (index % 2 === 0) {
      await world.call('showList', 0)
      await world.open(1)
      await world.open(0)
    }
    const { took, jumps } = await world.call('scrollLog', { frames: burstLength, step: -STEP })
    const { log } = await world.call('elements')
    return { took, jumps, log, heap: await world.heap() }
  })
  const scrollList = once(async () => {
    await world.call('showList', 0)
    return world.call('scrollList', { frames: burstLength, step: STEP })
  })
  const write = once(() => world.call('write', letters))
  const told = (what, runs, measured, unit) => ({
    name: `${name}: ${what}`,
    runs,
    warmup: 0,
    measured,
    ...(unit === undefined ? {} : { unit }),
  })
  const frames = (what, runs, burst) => [
    // One sample for each frame.
    told(what, runs * burstLength, async (index) => {
      const { took } = await burst(Math.floor(index / burstLength))
      return took[index % burstLength]
    }),
    // A frame of 60 a second is 16.7 ms, and clocks round.
    told(`${what}: over 16.7 ms`, runs, async (index) => share((await burst(index)).took, 17), '%'),
    told(`${what}: over 50 ms`, runs, async (index) => share((await burst(index)).took, 51), '%'),
    told(`${what}: moved by itself`, runs, async (index) => Math.max(...(await burst(index)).jumps), 'px'),
  ]
  const starts = STARTS[size]
  const bursts = BURSTS[size]
  return [
    told('start to the list', starts, async (index) => (await start(index)).list),
    told('the long conversation after a start', starts, async (index) => (await start(index)).open),
    told('the open conversation', starts, async (index) => (await start(index)).log, 'elements'),
    told('the list of conversations', starts, async (index) => (await start(index)).chats, 'elements'),
    told('heap after a start', starts, async (index) => (await start(index)).heap, 'MB'),
    told('switch to another conversation', SWITCHES[size], async (index) => {
      await world.call('showList', ((index * 37) % 100) / 100)
      const shown = (await world.call('visible')).map((words) => /Person (\d+)/.exec(words)).filter(Boolean)
      return world.open(Number(shown[Math.floor(shown.length / 2)][1]))
    }),
    ...frames('a frame, up through the messages', bursts, scrollMessages),
    told('the messages while scrolling', bursts, async (index) => (await scrollMessages(index)).log, 'elements'),
    told('heap while scrolling', bursts, async (index) => (await scrollMessages(index)).heap, 'MB'),
    ...frames('a frame, down through the list', bursts, scrollList),
    told('a frame while writing a draft', letters * 6, async (index) => (await write(0))[index]),
  ]
}

const profile = (name, which) => {
  let world
  return {
    name,
    open: async (size) => {
      world = await createWorld(SIZES[size][which])
      return casesOf(name, world, size)
    },
    close: async () => world?.close(),
  }
}

const many = '2,000 conversations'
const few = '50 conversations'

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'app',
  title: 'The app with 2,000 conversations, one of them of 100,000 messages, beside one with 50 and 1,000',
  unit: 'ms',
  // Each profile is measured as a whole: its cases build on each other.
  rounds: 1,
  parts: [profile(many, 'many'), profile(few, 'few')],
  aims: [
    { of: `${many}: the long conversation after a start`, atMost: 150 },
    { of: `${many}: switch to another conversation`, atMost: 150 },
    { of: `${many}: the open conversation`, atMost: 150 },
    { of: `${many}: a frame, up through the messages`, by: 'p95', atMost: 20 },
    { of: `${many}: a frame, down through the list`, by: 'p95', atMost: 20 },
    { of: `${many}: start to the list`, over: `${few}: start to the list` },
    { of: `${many}: the long conversation after a start`, over: `${few}: the long conversation after a start` },
    { of: `${many}: switch to another conversation`, over: `${few}: switch to another conversation` },
    { of: `${many}: heap after a start`, over: `${few}: heap after a start` },
  ],
}
