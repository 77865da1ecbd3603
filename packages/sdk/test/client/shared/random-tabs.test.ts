import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Client } from '../../../src/client/client.ts'
import type { SimTab } from '../../../src/testing/tabs/origin.ts'
import { CHAT, textOf } from './model.ts'
import { LOCK, Stage, seeded, settle } from './support.ts'

interface Life {
  readonly tab: SimTab
  readonly client: Promise<Client>
  readonly sends: { readonly text: string; readonly done: Promise<unknown> }[]
  /** What a stream with a cursor of the tab's own handed out. */
  readonly found: string[]
  state: 'runs' | 'frozen' | 'hung' | 'closed' | 'dead'
}

/** A reader whose place outlives its tab. */
interface Reader {
  life: Life | undefined
  readonly found: string[]
  /** How often it began (again). */
  starts: number
}

const DEEDS = [
  'open',
  'kill',
  'close',
  'freeze',
  'resume',
  'hang',
  'wake',
  'send',
  'usurp',
  'arrive',
  'time',
  'wait',
] as const

/** Lives of tabs at random; then everything wakes, and everything that was asked for has to come to its end. */
const play = async (seed: number, steps: number) => {
  const chance = seeded(seed)
  const stage = new Stage(seeded(seed + 1))
  const lives: Life[] = []
  const reader: Reader = { life: undefined, found: [], starts: 0 }
  let texts = 0
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(chance() * list.length)]
  const those = (...states: Life['state'][]) => lives.filter(({ state }) => states.includes(state))

  const read = async (life: Life, name: string, take: (text: string) => void) => {
    try {
      const client = await life.client
      for await (const message of client.messages.stream({ name })) {
        if (life.state === 'dead') return
        take(textOf(message))
      }
    } catch {
      // The tab closed before its client was there.
    }
  }
  const open = () => {
    const tab = stage.tab()
    const life: Life = { tab, client: stage.client(tab), sends: [], found: [], state: 'runs' }
    life.client.catch(() => undefined)
    lives.push(life)
    void read(life, `own ${lives.length}`, (text) => life.found.push(text))
    if (reader.life !== undefined && reader.life.state !== 'dead' && reader.life.state !== 'closed') return
    reader.life = life
    reader.starts += 1
    void read(life, 'reader', (text) => reader.found.push(text))
  }
  const send = (life: Life) => {
    const text = `message ${texts++}`
    const done = life.client.then((client) => client.messages.send(CHAT, text))
    done.catch(() => undefined)
    life.sends.push({ text, done })
  }
  const wake = (life: Life) => {
    if (life.state === 'frozen') life.tab.resume()
    else life.tab.wake()
    stage.hung.delete(life.tab)
    life.state = 'runs'
  }
  const end = (life: Life | undefined, how: 'kill' | 'close') => {
    if (life === undefined) return
    life.state = how === 'kill' ? 'dead' : 'closed'
    if (how === 'kill') life.tab.kill()
    else void life.client.then((client) => client.close()).catch(() => undefined)
  }

  open()
  for (let step = 0; step < steps; step++) {
    const deed = pick(DEEDS)
    const life = pick(those('runs'))
    if (deed === 'open' && those('runs', 'frozen', 'hung').length < 4) open()
    if (deed === 'kill') end(pick(those('runs', 'frozen', 'hung')), 'kill')
    if (deed === 'close') end(life, 'close')
    if (deed === 'freeze' && life !== undefined) {
      life.tab.freeze()
      life.state = 'frozen'
    }
    if (deed === 'hang' && life !== undefined) {
      life.tab.hang()
      stage.hung.add(life.tab)
      life.state = 'hung'
    }
    const still = pick(those('frozen', 'hung'))
    if ((deed === 'resume' || deed === 'wake') && still !== undefined) wake(still)
    // While much is under way: that is when a takeover may lose or double something.
    if (deed === 'send') for (const each of those('runs')) for (let n = 0; n < 3; n++) send(each)
    if (deed === 'usurp') {
      for (const each of those('runs')) send(each)
      await settle(Math.floor(chance() * 3))
      const owner = lives.find(({ tab }) => tab === stage.origin.holderOf(LOCK))
      if (owner !== undefined && owner.state !== 'dead') end(owner, chance() < 0.7 ? 'kill' : 'close')
    }
    if (deed === 'arrive') stage.store.arrive(`arrival ${stage.store.arrivals.length}`)
    if (deed === 'time') await stage.clock.advance(5_000)
    await settle(Math.floor(chance() * 4))
  }
  for (const life of those('frozen', 'hung')) wake(life)
  if (those('runs').length === 0) open()
  if (reader.life?.state !== 'runs') open()
  const whole = stage.store.arrivals.map(textOf)
  const isDone = () =>
    those('runs').every(({ found }) => found.length >= whole.length) && reader.found.includes(whole.at(-1) ?? '')
  for (let round = 0; round < 60 && (round < 8 || !isDone()); round++) {
    await stage.clock.advance(5_000)
    await settle(20)
  }
  const late = Symbol('late')
  const settled = async (done: Promise<unknown>) =>
    Promise.race([
      done.then(
        () => 'done',
        () => 'failed',
      ),
      settle(5).then(() => late),
    ])

  expect(stage.faults).toEqual([])
  expect(new Set(stage.store.written).size).toBe(stage.store.written.length)
  for (const life of lives) {
    for (const { text, done } of life.sends) {
      if (life.state === 'dead') continue
      const outcome = await settled(done)
      if (life.state === 'closed') expect(outcome).not.toBe(late)
      else {
        expect(outcome).toBe('done')
        expect(stage.store.written).toContain(text)
      }
    }
    if (life.state === 'runs') expect(life.found).toEqual(whole)
    else expect(life.found).toEqual(whole.slice(0, life.found.length))
  }
  // Each message reached the reader, and only the one that was in hand when its tab ended came again.
  expect([...new Set(reader.found)]).toEqual(whole)
  expect(reader.found.length - whole.length).toBeLessThan(reader.starts)
  for (const life of those('runs')) end(life, 'close')
  await stage.clock.advance(1_000)
  await settle(40)
  expect(stage.origin.held).toEqual([])
}

test('however tabs open, close, die, freeze and hang: nothing lost, nothing doubled, one owner at a time', async () => {
  const runs = Number(process.env.DCHAT_TABS_RUNS ?? 12)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 2 }), (seed) => play(seed, 40)),
    { numRuns: runs, endOnFailure: true },
  )
}, 600_000)
