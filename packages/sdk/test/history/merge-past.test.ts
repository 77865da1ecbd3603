import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergePast } from '../../src/client/history/merge-past.ts'
import type { MessageRecord } from '../../src/client/records.ts'
import { applyAction, type MessageAction } from '../../src/domain/messages/life.ts'
import type { PastAction, PastMessage } from '../../src/protocol/history/message.ts'
import type { Address, MessageId } from '../../src/records/ids.ts'
import { FRIEND, OWN, START } from './support.ts'

/** What stands in a topic: what people do to one message; a reaction is taken back by its number in the topic. */
type Entry =
  | { readonly do: 'react'; readonly from: Address; readonly emoji: string }
  | { readonly do: 'unreact'; readonly target: number }
  | { readonly do: 'edit' }
  | { readonly do: 'delete' }

interface Device {
  readonly message: MessageRecord
  readonly done: readonly PastAction[]
  /** The last entry that named something unknown here. */
  readonly astray: number
}

const idOf = (place: number) => place.toString(16).padStart(64, '0') as MessageId
const MESSAGE = {
  id: idOf(1_000),
  from: OWN,
  at: START,
  content: { type: 'text', text: 'as it was' },
} as unknown as MessageRecord
const NEW: Device = { message: MESSAGE, done: [], astray: -1 }

const read = (device: Device, entry: Entry, place: number): Device => {
  const { message, done } = device
  const taken =
    entry.do === 'unreact' ? done.find(({ id, type }) => id === idOf(entry.target) && type === 'react') : undefined
  if (entry.do === 'unreact' && taken === undefined) return { ...device, astray: place }
  const next = applyAction(message, meant(entry, place, taken))
  if (typeof next === 'string') return device
  return { ...device, message: next, done: [...done, noted(entry, place, taken)] }
}

const meant = (entry: Entry, place: number, taken: PastAction | undefined): MessageAction => {
  switch (entry.do) {
    case 'react':
      return { type: 'react', id: idOf(place), from: entry.from, emoji: entry.emoji }
    case 'unreact':
      return { type: 'unreact', from: taken?.from as Address, emoji: taken?.emoji as string }
    case 'edit':
      return { type: 'edit', from: OWN, at: START + place, content: { type: 'text', text: `as of ${place}` } }
    case 'delete':
      return { type: 'delete', from: OWN, moderates: false }
  }
}

const noted = (entry: Entry, place: number, taken: PastAction | undefined): PastAction => {
  const id = idOf(place)
  if (entry.do === 'react') return { id, from: entry.from, type: 'react', emoji: entry.emoji }
  if (taken !== undefined) return { id, from: taken.from, type: 'retract', emoji: taken.emoji as string }
  return { id, from: OWN, type: entry.do === 'edit' ? 'edit' : 'retract' }
}

const entry = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('react' as const),
      from: fc.constantFrom(OWN, FRIEND),
      emoji: fc.constantFrom('a', 'b'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('unreact' as const), target: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'edit' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'delete' as const }) },
)

test('whatever was done while a device could not see it, it has the message as everybody once a giver told it who has read that far', () => {
  const places = fc.tuple(fc.nat(25), fc.nat(25), fc.nat(25))
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 25 }), places, (entries, [given, entered, more]) => {
      const all = entries.map((each, place) => [each, place] as const)
      const readAll = (device: Device, some: typeof all) =>
        some.reduce((now, [each, place]) => read(now, each, place), device)
      const here = readAll(readAll(NEW, all.slice(0, given)), all.slice(Math.max(given, entered)))
      const upTo = Math.max(given, entered, here.astray + 1, more)
      const giver = readAll(NEW, all.slice(0, upTo))
      const past = { ...giver.message, actions: giver.done } as unknown as PastMessage
      expect(mergePast(here.message, here.done, past)).toEqual(readAll(NEW, all).message)
    }),
    { numRuns: 2_000 },
  )
})

test('what is known here already changes nothing', () => {
  const done: PastAction[] = [{ id: idOf(1), from: FRIEND, type: 'react', emoji: 'a' }]
  const reactions = [{ id: idOf(1), from: FRIEND, emoji: 'a' }]
  const known = { ...MESSAGE, reactions }
  expect(mergePast(known, done, { ...MESSAGE, actions: done } as unknown as PastMessage)).toBe(known)
  expect(mergePast(known, done, MESSAGE as unknown as PastMessage)).toBe(known)
})
