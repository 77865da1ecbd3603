import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory.ts'
import { placeStep } from '../../../src/client/offers/place-step.ts'
import { eventsOf, findThread, isWhole, type ThreadRow, type Told } from '../../../src/client/offers/rows.ts'
import { replay } from '../../../src/domain/offers/reduce.ts'
import type { PlacedEvent } from '../../../src/domain/offers/thread.ts'
import { sealedStore } from '../../../src/domain/store/sealed-store.ts'
import { encodeSignedOffer, type OfferDraft, writeOfferBody } from '../../../src/protocol/offers/event.ts'
import type { ConversationId, MessageId } from '../../../src/records/ids.ts'
import type { OfferEvent } from '../../../src/records/offer.ts'
import { topic } from '../../domain/offers/topics.ts'

const ROOM = 'ab'.repeat(32)

const bodyOf = ({ id: _, ...draft }: OfferEvent): Uint8Array => writeOfferBody(draft as OfferDraft)

/** A store into which steps come, in whatever order. */
const shop = () => {
  let nonce = 0
  const store = sealedStore(memoryStorage(), new Uint8Array(32).fill(9), (length) =>
    new Uint8Array(length).fill(nonce++),
  )
  const arrive = ({ event, place, acceptedAt }: PlacedEvent, told?: Told) =>
    store.write((tx) =>
      placeStep(tx, {
        room: ROOM,
        conversation: event.conversation,
        event,
        ...(told && { told }),
        row: {
          id: event.id,
          thread: event.thread,
          signed: encodeSignedOffer({ body: bodyOf(event), signature: new Uint8Array(64) }),
          place,
          acceptedAt,
          message: event.id as string as MessageId,
        },
      }),
    )
  const row = (id: string) => store.read((tx) => findThread(tx, id))
  const thread = (id: string) => row(id).then((found) => found?.thread)
  const outcomes = (id: string) =>
    store.read((tx) => eventsOf(tx, ROOM, id)).then((rows) => rows.map(({ id: event, refused }) => [event, refused]))
  return { arrive, row, thread, outcomes }
}

const shuffled = topic.chain((events) =>
  fc.record({
    events: fc.constant(events),
    order: fc.shuffledSubarray([...events], { minLength: events.length }),
    again: fc.subarray([...events]),
  }),
)

test('in whatever order steps arrive, late or twice, a device comes to the state of the topic', async () => {
  await fc.assert(
    fc.asyncProperty(shuffled, async ({ events, order, again }) => {
      const { thread: id } = (events[0] as PlacedEvent).event
      const [straight, late] = [shop(), shop()]
      for (const one of events) await straight.arrive(one)
      for (const one of [...order, ...again]) await late.arrive(one)
      const expected = replay(events).get(id)
      expect(await straight.thread(id)).toEqual(expected)
      expect(await late.thread(id)).toEqual(expected)
      expect(await late.outcomes(id)).toEqual(await straight.outcomes(id))
    }),
    { numRuns: 60 },
  )
})

test('what answers an offer that was never seen is held, not refused, and counts once the offer comes', async () => {
  const [proposal, ...rest] = fc
    .sample(topic, { numRuns: 40, seed: 7 })
    .find((events) => events.length > 6) as PlacedEvent[]
  const { arrive, thread, outcomes } = shop()
  const { thread: id, conversation } = (proposal as PlacedEvent).event as OfferEvent & { conversation: ConversationId }
  for (const one of rest) expect(await arrive(one)).not.toHaveProperty('refused')
  expect(await thread(id)).toBeUndefined()
  await arrive(proposal as PlacedEvent)
  expect(await thread(id)).toEqual(replay([proposal as PlacedEvent, ...rest]).get(id))
  expect((await outcomes(id)).length).toBe(rest.length + 1)
  expect(conversation).toBe('c1')
})

test('what another device handed on is the whole offer only once every step that it told of is here', async () => {
  const events = fc.sample(topic, { numRuns: 40, seed: 7 }).find(({ length }) => length > 6) as PlacedEvent[]
  const { event, place: first } = events[0] as PlacedEvent
  const missed = { missed: (events.at(-1) as PlacedEvent).place }
  const mine = events.filter((one) => one.event.thread === event.thread)
  const told = { upTo: missed.missed, steps: mine.length }
  expect(mine.length).toBeGreaterThan(2)
  for (const late of mine.slice(1)) {
    const { arrive, row } = shop()
    const isKnown = async () => isWhole((await row(event.thread)) as ThreadRow, missed)
    for (const one of mine) if (one !== late) await arrive(one, told)
    expect([first < missed.missed, await isKnown()]).toEqual([true, false])
    // It comes without a word of what else there is.
    await arrive(late)
    expect(await isKnown()).toBe(true)
  }
})

test('a step that is here already still brings what its giver knows', async () => {
  const [proposal] = fc.sample(topic, { numRuns: 1, seed: 7 })[0] as PlacedEvent[]
  const { event, place } = proposal as PlacedEvent
  const { arrive, row } = shop()
  await arrive(proposal as PlacedEvent, { upTo: place + 1, steps: 1 })
  await arrive(proposal as PlacedEvent, { upTo: place + 9, steps: 2 })
  expect(await row(event.thread)).toMatchObject({ covered: place + 1, told: { upTo: place + 9, steps: 2 } })
  await arrive(proposal as PlacedEvent, { upTo: place + 10, steps: 1 })
  const { told, covered } = (await row(event.thread)) as ThreadRow
  expect([told, covered]).toEqual([undefined, place + 10])
})
