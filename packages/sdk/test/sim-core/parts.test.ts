import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import { encodeFrame } from '../../src/protocol/wire/frame-codec.ts'
import { frameLabel } from '../../src/testing/sim/frame-label.ts'
import { type Cargo, Pipe } from '../../src/testing/sim/pipe.ts'
import { SimProcess } from '../../src/testing/sim/process.ts'
import { seededRandom } from '../../src/testing/sim/random.ts'
import { Scheduler } from '../../src/testing/sim/scheduler.ts'
import { simulatedStorage } from '../../src/testing/sim/storage.ts'
import { World } from '../../src/testing/sim/world.ts'

describe('the scheduler', () => {
  test('lets things happen by time, and in the order of planning where times are equal', () => {
    const step = fc.record({ after: fc.nat({ max: 20 }), cancelled: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const scheduler = new Scheduler(1_000)
        const happened: number[] = []
        const timers = steps.map(({ after }, index) => scheduler.after(after, () => happened.push(index)))
        steps.forEach(({ cancelled }, index) => {
          if (cancelled) timers[index]?.cancel()
        })
        while (scheduler.next() !== undefined) scheduler.step()
        const expected = steps
          .map((one, index) => ({ ...one, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.after - b.after || a.index - b.index)
        expect(happened).toEqual(expected.map(({ index }) => index))
        expect(scheduler.now).toBe(1_000 + (expected.at(-1)?.after ?? 0))
      }),
    )
  })
})

describe('one direction of a connection', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), delay: fc.nat({ max: 50 }) }),
    fc.record({ kind: fc.constantFrom('stall' as const, 'pass' as const, 'pause' as const, 'resume' as const) }),
    fc.record({ kind: fc.constant('run' as const), events: fc.nat({ max: 3 }) }),
  )

  test('delivers everything once and in order, however it was held up', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const scheduler = new Scheduler(0)
        let stalled = false
        let paused = false
        const arrived: number[] = []
        const deliver = (cargo: Cargo) => {
          expect(stalled || paused).toBe(false)
          if (cargo.kind === 'frame') arrived.push(cargo.bytes[0] as number)
        }
        const pipe = new Pipe({ scheduler, isStalled: () => stalled, deliver })
        let pushed = 0
        const free = () => {
          stalled = paused = false
          pipe.retry()
          pipe.resume()
        }
        for (const one of acts) {
          if (one.kind === 'push') pipe.push({ kind: 'frame', bytes: Uint8Array.of(pushed++) }, one.delay)
          else if (one.kind === 'run') for (let i = 0; i < one.events; i++) scheduler.step()
          else if (one.kind === 'stall') stalled = true
          else if (one.kind === 'pause') {
            paused = true
            pipe.pause()
          } else free()
        }
        free()
        while (scheduler.next() !== undefined) scheduler.step()
        expect(arrived).toEqual(Array.from({ length: pushed }, (_, index) => index))
        expect(pipe.length).toBe(0)
      }),
    )
  })

  test('what is cut never arrives, and what comes after a cut keeps its own time', () => {
    const scheduler = new Scheduler(0)
    const arrived: string[] = []
    const deliver = (cargo: Cargo) => arrived.push(`${scheduler.now} ${cargo.kind}`)
    const pipe = new Pipe({ scheduler, isStalled: () => false, deliver })
    for (const delay of [10, 20, 30]) pipe.push({ kind: 'frame', bytes: new Uint8Array(1) }, delay)
    pipe.cut(1)
    pipe.seal(1006, 50)
    pipe.push({ kind: 'frame', bytes: new Uint8Array(1) }, 0)
    while (scheduler.next() !== undefined) scheduler.step()
    expect(arrived).toEqual(['10 frame', '50 close'])
  })
})

describe('seeded choices', () => {
  test('are the same for the same seed and independent in their forks', () => {
    const draw = (seed: string) => {
      const random = seededRandom(seed)
      const fork = random.fork('other')
      fork.bytes(100)
      return [
        random.int(1_000),
        random.between(5, 9),
        random.chance(0.5),
        random.shuffle([1, 2, 3, 4]),
        random.bytes(40),
      ]
    }
    expect(draw('x')).toEqual(draw('x'))
    expect(draw('x')).not.toEqual(draw('y'))
  })

  test('stay in their bounds and reach them', () => {
    const random = seededRandom('bounds')
    const drawn = new Set(Array.from({ length: 500 }, () => random.between(3, 6)))
    expect([...drawn].sort()).toEqual([3, 4, 5, 6])
    expect(random.chance(0)).toBe(false)
    expect(random.chance(1)).toBe(true)
  })
})

test('a frame is named from its first bytes, and what is no frame is not', () => {
  const request = encodeFrame({ type: 'request', id: 70_000, method: 'topic.publish', params: { a: 1 } })
  expect(frameLabel(request)).toEqual({ type: 'request', detail: 'topic.publish' })
  expect(frameLabel(encodeFrame({ type: 'end', id: 3, code: 'relay/quota', details: {} }))).toEqual({
    type: 'end',
    detail: 'relay/quota',
  })
  expect(frameLabel(encodeFrame({ type: 'ping', nonce: 0 }))).toEqual({ type: 'ping', detail: '' })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => typeof frameLabel(bytes).type === 'string'))
})

test('after a kill the disk holds the first writes and none of the later ones', async () => {
  const seen = new Set<number>()
  for (let seed = 0; seed < 24; seed++) {
    const world = new World(`disk ${seed}`, 0, [10, 10])
    const process = new SimProcess(world, 'device', 1)
    const backing = { tables: new Map() }
    const storage = simulatedStorage(process, backing)
    let acknowledged = 0
    const put = (key: string) =>
      storage.write(async (tx) => tx.put('meta', { key, value: new Uint8Array(1) })).then(() => acknowledged++)
    for (const key of ['a', 'b', 'c']) void put(key)
    await world.driver.wait(15)
    process.kill()
    await world.driver.wait(100)
    const later = memoryStorage(backing)
    const held = await later.read(async (tx) => {
      const rows = await Promise.all(['a', 'b', 'c'].map((key) => tx.get('meta', key)))
      return rows.map((row) => row !== undefined)
    })
    expect(acknowledged).toBe(1)
    expect(held[0]).toBe(true)
    expect(held[2]).toBe(false)
    seen.add(held.filter(Boolean).length)
  }
  expect(seen).toEqual(new Set([1, 2]))
})
