import { afterEach, expect, test } from 'vitest'
import { hearSignals } from '../../../src/client/presence/hear-signals.ts'
import type { RoomRecord } from '../../../src/client/records.ts'
import type { RoomSession } from '../../../src/client/rooms/session.ts'
import { DchatError } from '../../../src/errors.ts'
import type { Member } from '../../../src/protocol/mls/engine.ts'
import { sealSignal } from '../../../src/protocol/signals/seal.ts'
import type { SignalKind } from '../../../src/protocol/signals/signal.ts'
import { epochKeysOf } from '../../../src/protocol/topic/epoch-keys.ts'
import type { Address, DeviceId } from '../../../src/records/ids.ts'
import { Broadcast } from '../../../src/util/broadcast.ts'
import { equalBytes, toHex } from '../../../src/util/bytes.ts'
import { HandClock } from '../../support/clocks.ts'
import { testCrypto } from '../../support/crypto.ts'

const TOPIC = new Uint8Array(32).fill(1)
const NEXT_TOPIC = new Uint8Array(32).fill(2)
const seedOf = (epoch: number) => new Uint8Array(32).fill(100 + epoch)
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

interface Device {
  readonly seed: Uint8Array
  readonly member: Member
}

const device = async (fill: number, address: string): Promise<Device> => {
  const seed = new Uint8Array(32).fill(fill)
  const deviceKey = await testCrypto.ed25519.publicKey(seed)
  const id = toHex(deviceKey).slice(0, 32) as DeviceId
  const member = { address: address as Address, deviceKey, certificate: new Uint8Array(32), leaf: fill, device: id }
  return { seed, member }
}

const own = await device(1, 'own')
const ownOther = await device(2, 'own')
const friend = await device(3, 'friend')
const revoked = await device(4, 'friend')
const gone = await device(5, 'gone')
/** What it says shows that everything before was judged. */
const marker = await device(6, 'marker')

const over: AbortController[] = []
afterEach(() => {
  for (const each of over.splice(0)) each.abort()
})

/** A room as hearing sees it, and a relay in the test's hand. */
const room = (change: Partial<RoomRecord> = {}) => {
  const clock = new HandClock()
  const moved = new Broadcast<RoomRecord>()
  const relays = new Map<string, Broadcast<Uint8Array>>()
  const relayOf = (topic: Uint8Array) => {
    const key = toHex(topic)
    const relay = relays.get(key) ?? new Broadcast<Uint8Array>()
    relays.set(key, relay)
    return relay
  }
  let subscribed = 0
  let open: string | undefined
  const session = {
    record: {
      topic: TOPIC,
      hub: { url: 'ws://relay', key: new Uint8Array(32) },
      epochs: [6, 7].map((epoch) => ({ epoch, seed: seedOf(epoch) })),
      commits: [{ ended: 6, seq: 9, removed: [] }],
      ...change,
    },
    group: { members: [own, ownOther, friend, revoked, marker].map(({ member }) => member) },
    moved,
    prove: async () => undefined,
    core: {
      crypto: testCrypto,
      clock,
      self: { address: own.member.address },
      directory: {
        get: async () => undefined,
        isActive: (_: Address, key: Uint8Array) => !equalBytes(key, revoked.member.deviceKey),
      },
      links: {
        get: () => ({
          subscribe: async function* (_: string, { topic }: { topic: Uint8Array }, options: { signal: AbortSignal }) {
            subscribed += 1
            const bodies = relayOf(topic).stream(options)
            open = toHex(topic)
            try {
              for await (const body of bodies) {
                if (body.length === 0) throw new DchatError('relay/not-permitted', { what: 'no proof' })
                yield { body }
              }
            } finally {
              open = undefined
            }
          },
        }),
      },
    },
  }
  const heard: string[] = []
  let marks = 0
  const running = new AbortController()
  over.push(running)
  const start = clock.now()
  const hear = async ({ kind, time }: { kind: SignalKind; time: number }, { address }: Member) => {
    if (address === marker.member.address) marks += 1
    else heard.push(`${address} ${kind} ${time - start}`)
  }
  hearSignals(session as unknown as RoomSession, hear, running.signal).catch(() => undefined)
  const seal = (from: Device, kind: SignalKind, options: { at?: number; epoch?: number; topic?: Uint8Array } = {}) => {
    const { at = 0, epoch = 7, topic = TOPIC } = options
    const said = { kind, deviceKey: from.member.deviceKey, time: start + at, payload: new Uint8Array() }
    return sealSignal(testCrypto, epochKeysOf(seedOf(epoch)).signalKey, { topic, epoch }, from.seed, said)
  }
  let played = 0
  const play = async (body: Uint8Array, topic = TOPIC) => {
    await until(() => open === toHex(topic))
    relayOf(topic).emit(body)
    played += 1
    const mark = await seal(marker, 'online', { at: clock.now() - start + played, topic })
    relayOf(topic).emit(mark)
    await until(() => marks === played)
  }
  /** The relay ends the subscription. */
  const end = async () => {
    await until(() => open !== undefined)
    relayOf(TOPIC).emit(new Uint8Array(0))
    await until(() => open === undefined)
  }
  return {
    clock,
    session,
    moved,
    heard,
    seal,
    play,
    end,
    isOpen: () => open !== undefined,
    subscriptions: () => subscribed,
  }
}

test('what members say is heard once, in the order in which they said it', async () => {
  const { seal, play, heard } = room()
  const [first, second, third] = [
    await seal(friend, 'typing', { at: 1 }),
    await seal(friend, 'stopped', { at: 2 }),
    await seal(friend, 'typing', { at: 3 }),
  ]
  for (const body of [first, first, third, second, first, third]) await play(body)
  expect(heard).toEqual(['friend typing 1', 'friend typing 3'])
})

test('what a relay held back for more than half a minute is over', async () => {
  const { seal, play, heard, clock } = room()
  const [early, late] = [await seal(friend, 'online', { at: 0 }), await seal(friend, 'online', { at: 1 })]
  await clock.advance(30_000)
  await play(early)
  await clock.advance(2)
  await play(late)
  await play(early)
  expect(heard).toEqual(['friend online 0'])
})

test('nothing is heard of who is no member, was revoked, or is this person', async () => {
  const { seal, play, heard } = room()
  for (const from of [gone, revoked, own, ownOther]) await play(await seal(from, 'typing'))
  await play(new Uint8Array(10))
  await play(new Uint8Array(1_024))
  await play(await seal(friend, 'online'))
  expect(heard).toEqual(['friend online 0'])
})

test('the epoch before counts unless its end took somebody out; older ones and other topics never', async () => {
  const { seal, play, heard } = room()
  await play(await seal(friend, 'typing', { at: 1, epoch: 6 }))
  await play(await seal(friend, 'typing', { at: 2, epoch: 5 }))
  await play(await seal(friend, 'typing', { at: 3, topic: NEXT_TOPIC }))
  expect(heard).toEqual(['friend typing 1'])
  const after = room({ commits: [{ ended: 6, seq: 9, removed: ['somebody'] }] })
  await after.play(await after.seal(friend, 'typing', { at: 1, epoch: 6 }))
  await after.play(await after.seal(friend, 'typing', { at: 2 }))
  expect(after.heard).toEqual(['friend typing 2'])
})

test('hearing goes on after the relay ended it, and in the topic that the room moves to', async () => {
  const { seal, play, end, isOpen, heard, clock, session, moved, subscriptions } = room()
  await end()
  await clock.advance(2_000)
  await play(await seal(friend, 'typing', { at: 2 }))
  Object.assign(session.record, { topic: NEXT_TOPIC })
  moved.emit(session.record as unknown as RoomRecord)
  await until(() => !isOpen())
  await clock.advance(2_000)
  await play(await seal(friend, 'stopped', { at: 3, topic: NEXT_TOPIC }), NEXT_TOPIC)
  expect(heard).toEqual(['friend typing 2', 'friend stopped 3'])
  expect(subscriptions()).toBe(3)
})
