import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeRegister, viewOf, writeRegister } from '../../src/domain/personal/merge.ts'
import { nextTag, type Register } from '../../src/domain/personal/register.ts'
import { fits } from '../../src/domain/personal/values.ts'
import type { DeviceId, MessageId } from '../../src/records/ids.ts'
import type { Draft } from '../../src/records/personal.ts'

type State = ReadonlyMap<string, Register<unknown>>

const KINDS = ['nickname', 'consent', 'pin', 'draft', 'read'] as const
type Kind = (typeof KINDS)[number]

const device = (n: number) => n.toString(16).padStart(32, '0') as DeviceId
const message = (n: number) => n.toString(16).padStart(64, '0') as MessageId
const position = (n: number) => ({ message: message(n), at: Math.floor(n / 3), place: n })

/** A device of the model: its store, the greatest time that it saw, and a clock that may be wrong by centuries. */
class Model {
  state: State = new Map()
  #seen = 0
  readonly #id: DeviceId
  readonly #clock: number

  constructor(n: number, clock: number) {
    this.#id = device(n)
    this.#clock = clock
  }

  write(kind: Kind, now: number, value: unknown): void {
    const tag = nextTag(Math.max(0, now + this.#clock), this.#id, this.#seen)
    this.#seen = tag.time
    this.state = new Map(this.state).set(kind, writeRegister(kind, this.state.get(kind), tag, value))
  }

  take(kind: string, register: Register<unknown>): void {
    this.#seen = Math.max(this.#seen, register.tag.time)
    const known = this.state.get(kind)
    this.state = new Map(this.state).set(kind, known === undefined ? register : mergeRegister(kind, known, register))
  }
}

const kind = fc.constantFrom(...KINDS)
const valueFor = (of: Kind, n: number): unknown => {
  if (of === 'read') return position(n)
  if (n === 0) return undefined
  if (of === 'draft') return { text: `words ${n}` }
  if (of === 'pin') return n
  return of === 'consent' ? ['allowed', 'denied', 'blocked'][n % 3] : `name ${n}`
}

/** Years, in both directions. */
const clock = fc.integer({ min: -300, max: 300 }).map((years) => years * 366 * 24 * 3_600_000)
const step = fc.record({ by: fc.nat(2), kind, n: fc.nat(9), now: fc.integer({ min: 0, max: 5 }), heard: fc.nat(3) })
const START = 1_700_000_000_000

/** What three devices write while some hear of each other and some do not. */
const history = fc
  .tuple(fc.array(clock, { minLength: 3, maxLength: 3 }), fc.array(step, { maxLength: 24 }))
  .map(([clocks, steps]) => {
    const devices = clocks.map((wrong, n) => new Model(n, wrong))
    for (const { by, kind, n, now, heard } of steps) {
      const writer = devices[by] as Model
      const other = devices[heard]
      if (other !== undefined) for (const [of, register] of other.state) writer.take(of, register)
      writer.write(kind, START + now, valueFor(kind, n))
    }
    return devices
  })

const asText = (state: State): string =>
  JSON.stringify([...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([of, register]) => [of, sorted(register)]))
const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? value.map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        )

const merged = (a: State, b: State): State => {
  const all = new Map(a)
  for (const [of, register] of b) {
    const known = all.get(of)
    all.set(of, known === undefined ? register : mergeRegister(of, known, register))
  }
  return all
}

test('merging is commutative, associative and idempotent, whatever the clocks say', () => {
  fc.assert(
    fc.property(history, ([a, b, c]) => {
      const [x, y, z] = [a, b, c].map((model) => (model as Model).state) as [State, State, State]
      expect(asText(merged(x, y))).toBe(asText(merged(y, x)))
      expect(asText(merged(merged(x, y), z))).toBe(asText(merged(x, merged(y, z))))
      expect(asText(merged(x, x))).toBe(asText(x))
      expect(asText(merged(merged(x, y), x))).toBe(asText(merged(x, y)))
    }),
    { numRuns: 1_000 },
  )
})

test('devices that were offline agree once all has come, in whatever order, late and more than once', () => {
  const mail = fc.array(fc.record({ from: fc.nat(2), to: fc.nat(2), again: fc.boolean() }), { maxLength: 20 })
  fc.assert(
    fc.property(history, mail, fc.infiniteStream(fc.nat(1_000)), (devices, letters, order) => {
      const models = devices as readonly Model[]
      // Copies of what a device held at some moment, some of them delivered twice or long after.
      const late = letters.map(({ from, to, again }) => ({ state: (models[from] as Model).state, to, again }))
      for (const { state, to, again } of late)
        for (let times = again ? 2 : 1; times > 0; times--)
          for (const [of, register] of state) (models[to] as Model).take(of, register)
      const last = models.flatMap((model) => [...model.state].map(([of, register]) => ({ of, register })))
      for (const model of models) {
        const shuffled = last
          .map((entry) => ({ entry, rank: order.next().value as number }))
          .sort((p, q) => p.rank - q.rank)
        for (const { entry } of [...shuffled, ...shuffled]) model.take(entry.of, entry.register)
      }
      const [first, ...rest] = models.map(({ state }) => asText(state))
      for (const other of rest) expect(other).toBe(first)
    }),
    { numRuns: 1_000 },
  )
})

test('what was written with knowledge of another write wins over it, even by a clock that is centuries behind', () => {
  fc.assert(
    fc.property(clock, clock, fc.constantFrom('nickname', 'consent', 'pin', 'draft' as const), (fast, slow, of) => {
      const [a, b] = [new Model(0, fast), new Model(1, slow)]
      a.write(of, START, valueFor(of, 1))
      for (const [at, register] of a.state) b.take(at, register)
      b.write(of, START, valueFor(of, 2))
      const both = merged(a.state, b.state).get(of) as Register<unknown>
      expect(viewOf(of, both)).toEqual(valueFor(of, 2))
    }),
  )
})

test('two devices that wrote a draft at once lose no words, until one overwrites what it saw', () => {
  fc.assert(
    fc.property(clock, clock, (one, other) => {
      const [a, b] = [new Model(0, one), new Model(1, other)]
      a.write('draft', START, { text: 'from the first' })
      b.write('draft', START, { text: 'from the second' })
      const both = merged(a.state, b.state).get('draft') as Register<unknown>
      const { text } = viewOf('draft', both) as Draft
      expect(text.split('\n').sort()).toEqual(['from the first', 'from the second'])
      for (const [of, register] of a.state) b.take(of, register)
      b.write('draft', START, { text: 'both as one' })
      const after = merged(a.state, b.state).get('draft') as Register<unknown>
      expect(viewOf('draft', after)).toEqual({ text: 'both as one' })
    }),
  )
})

test('a draft that one device takes back while another one goes on writing is not lost', () => {
  const [a, b] = [new Model(0, 0), new Model(1, 0)]
  a.write('draft', START, { text: 'half a' })
  for (const [of, register] of a.state) b.take(of, register)
  a.write('draft', START + 1, undefined)
  b.write('draft', START + 1, { text: 'half a sentence' })
  const both = merged(a.state, b.state).get('draft') as Register<unknown>
  expect(viewOf('draft', both)).toEqual({ text: 'half a sentence' })
})

test('the furthest place read stays, whoever wrote last', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(60)), { minLength: 1, maxLength: 12 }), (reads) => {
      const models = [new Model(0, 0), new Model(1, -1e12)]
      for (const [by, n] of reads) (models[by] as Model).write('read', START, position(n))
      const state = merged((models[0] as Model).state, (models[1] as Model).state)
      const furthest = Math.max(...reads.map(([, n]) => n))
      expect(viewOf('read', state.get('read') as Register<unknown>)).toEqual(position(furthest))
    }),
  )
})

test('no two writes of one device have the same tag, and none is older than what it had seen', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e13, max: 1e13 }), { minLength: 2, maxLength: 50 }), (times) => {
      let seen = 0
      for (const now of times) {
        const tag = nextTag(now, device(1), seen)
        expect(tag.time).toBeGreaterThan(seen)
        seen = tag.time
      }
    }),
  )
})

test('what a register may hold is checked; kinds and settings of later versions are kept', () => {
  const versions = {
    versions: [{ tag: { time: 5, device: device(1) }, value: { text: 'a' } }],
    seen: { [device(1)]: 5 },
  }
  expect(fits('draft', 'c', versions)).toBe(true)
  expect(fits('draft', 'c', { ...versions, seen: { [device(1)]: 4 } })).toBe(false)
  expect(fits('draft', 'c', { ...versions, seen: {} })).toBe(false)
  expect(fits('draft', 'c', undefined)).toBe(false)
  expect(fits('read', 'c', { message: message(1), at: 1, place: 2 })).toBe(true)
  expect(fits('read', 'c', undefined)).toBe(false)
  expect(fits('read', 'c', { message: 'x', at: 1, place: 2 })).toBe(false)
  expect(fits('setting', 'reports', 'small')).toBe(true)
  expect(fits('setting', 'reports', 'loud')).toBe(false)
  expect(fits('setting', 'constructor', 'loud')).toBe(true)
  expect(fits('consent', 'a', 'unknown')).toBe(false)
  expect(fits('nickname', 'a', undefined)).toBe(true)
  expect(fits('of-tomorrow', 'a', { any: [1] })).toBe(true)
  expect(fits('toString', 'a', 1)).toBe(true)
})
