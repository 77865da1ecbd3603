import { engine, grow, join, random } from '../kit.mjs'
import { libsignal } from '../peers/libsignal.mjs'

const CONTENT = random(256)
const NOTHING = new Uint8Array()

/** Two members of a group of `size`: its creator and the last one that joined. */
const meet = async (size) => {
  const { group, steps } = await grow(size, 50)
  const { pending, newcomers } = steps.at(-1)
  return { one: group, other: await join(pending, newcomers.at(-1)) }
}

/** As the client does it: what an operation used up is zeroed. */
const encrypt = async (pair, from) => {
  const { message, next } = await engine.encrypt(pair[from], CONTENT, NOTHING)
  engine.forget(next)
  pair[from] = next
  return message
}

const decrypt = async (pair, to, message) => {
  const { next } = await engine.decrypt(pair[to], message)
  engine.forget(next)
  pair[to] = next
}

const names = (size) => ({
  both: `encrypt + decrypt, group of ${size}`,
  pingPong: `encrypt + decrypt, ping-pong, group of ${size}`,
  encrypt: `encrypt, group of ${size}`,
  decrypt: `decrypt, group of ${size}`,
  encode: `encode the state for storage, group of ${size}`,
})

const casesOf = async (size, counts) => {
  const [there, back, sealing, opening] = await Promise.all([meet(size), meet(size), meet(size), meet(size)])
  const name = names(size)
  let length = 0
  let stored = 0
  return [
    {
      name: name.both,
      ...counts,
      run: async () => {
        const message = await encrypt(there, 'one')
        length = message.length
        await decrypt(there, 'other', message)
      },
      bytes: () => length,
    },
    {
      name: name.pingPong,
      ...counts,
      per: 2,
      run: async () => {
        await decrypt(back, 'other', await encrypt(back, 'one'))
        await decrypt(back, 'one', await encrypt(back, 'other'))
      },
    },
    { name: name.encrypt, ...counts, run: () => encrypt(sealing, 'one') },
    {
      name: name.decrypt,
      ...counts,
      prepare: () => encrypt(opening, 'one'),
      run: (message) => decrypt(opening, 'other', message),
    },
    {
      name: name.encode,
      ...counts,
      prepare: () => encrypt(sealing, 'one'),
      run: () => {
        stored = engine.encode(sealing.one).state.length
      },
      bytes: () => stored,
    },
  ]
}

const { oneWay, pingPong, senderKey } = libsignal.names

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'messages',
  title: 'A message of 256 bytes',
  unit: 'ms',
  rounds: 10,
  peers: [libsignal],
  setup: async (size) => {
    const counts = size === 'quick' ? { runs: 5, warmup: 1 } : { runs: 2000, warmup: 200 }
    const cases = []
    for (const members of size === 'quick' ? [2, 3] : [2, 100, 500]) cases.push(...(await casesOf(members, counts)))
    return cases
  },
  aims: [
    { of: names(2).both, atMost: 0.2 },
    { of: names(2).both, over: oneWay, atMost: 1.3 },
    { of: names(2).pingPong, over: pingPong, atMost: 1.3 },
    { of: names(500).both, atMost: 0.2 },
    { of: names(500).both, over: oneWay, atMost: 1.3 },
    { of: names(500).both, over: senderKey },
  ],
}
