import { expect, test } from 'vitest'
import { Sightings } from '../../../src/client/presence/sightings.ts'
import type { Address, ConversationId, DeviceId } from '../../../src/records/ids.ts'
import { HandClock } from '../../support/clocks.ts'

const [bob, carol] = ['bob', 'carol'] as Address[] as [Address, Address]
const [phone, laptop] = ['phone', 'laptop'] as DeviceId[] as [DeviceId, DeviceId]
const [here, there] = ['here', 'there'] as ConversationId[] as [ConversationId, ConversationId]

const watch = () => {
  const clock = new HandClock()
  const told: string[] = []
  const start = clock.now()
  const sightings = new Sightings(clock, new AbortController().signal, (event) => {
    const seen = 'lastSeen' in event ? ` ${event.lastSeen - start}` : ''
    told.push(`${event.from} ${event.type}${seen}`)
  })
  return { clock, told, sightings }
}

test('typing lasts 5 s after the last signal, in each conversation by itself', async () => {
  const { clock, told, sightings } = watch()
  sightings.typing(here, bob, phone)
  await clock.advance(3_000)
  sightings.typing(here, bob, phone)
  sightings.typing(there, bob, phone)
  await clock.advance(4_999)
  expect(told).toEqual(['bob typing', 'bob typing', 'bob typing'])
  sightings.stopped(there, bob)
  await clock.advance(1)
  expect(told.slice(3)).toEqual(['bob stopped', 'bob stopped'])
  sightings.stopped(here, bob)
  expect(told).toHaveLength(5)
})

test('a device ends only what it began', () => {
  const { told, sightings } = watch()
  sightings.typing(here, bob, phone)
  sightings.stopped(here, bob, laptop)
  expect(told).toEqual(['bob typing'])
  sightings.stopped(here, bob, phone)
  expect(told).toEqual(['bob typing', 'bob stopped'])
})

test('somebody is there as long as one of their devices is', async () => {
  const { clock, told, sightings } = watch()
  expect(sightings.online(bob, phone)).toBe('new')
  await clock.advance(100_000)
  expect(sightings.online(bob, laptop)).toBe('new')
  expect(sightings.online(bob, laptop)).toBe('sooner')
  await clock.advance(60_000)
  expect(told).toEqual(['bob online'])
  expect(sightings.seen(bob)).toBe(clock.now() - 60_000)
  sightings.offline(bob, laptop)
  sightings.offline(bob, laptop)
  expect(told).toEqual(['bob online', 'bob offline 100000'])
  expect(sightings.seen(bob)).toBeUndefined()
})

test('a clock that jumps ends nothing, and silence ends it after 150 s', async () => {
  const { clock, told, sightings } = watch()
  sightings.online(bob, phone)
  clock.jump(3_600_000)
  await clock.advance(149_999)
  expect(told).toEqual(['bob online'])
  await clock.advance(1)
  expect(told).toEqual(['bob online', 'bob offline 0'])
})

test('who begins to look is told what is, and what is no longer heard is over', () => {
  const { told, sightings } = watch()
  sightings.online(bob, phone)
  sightings.online(carol, phone)
  sightings.typing(here, bob, phone)
  expect(sightings.now().map(({ type, from }) => `${from} ${type}`)).toEqual([
    'bob online',
    'carol online',
    'bob typing',
  ])
  sightings.keep(new Set([there]), new Set([carol]))
  expect(told.slice(3)).toEqual(['bob stopped', 'bob offline 0'])
  expect(sightings.all()).toHaveLength(1)
})

test('a device that is heard sooner than it is due began anew', async () => {
  const { clock, sightings } = watch()
  expect(sightings.online(bob, phone)).toBe('new')
  await clock.advance(45_000)
  expect(sightings.online(bob, phone)).toBe('due')
  await clock.advance(34_999)
  expect(sightings.online(bob, phone)).toBe('sooner')
})
