import { expect, test } from 'vitest'
import { getConversation, groupId, groupOf, putConversation } from '../../src/client/conversation-store.ts'
import { keepArchive } from '../../src/client/history/keep-archive.ts'
import { readAsked } from '../../src/client/history/keep-asked.ts'
import { noteRequest } from '../../src/client/people/requests.ts'
import type { JobRecord } from '../../src/client/records.ts'
import { kindOfSlot } from '../../src/protocol/history/slots.ts'
import type { ArchivedRoom } from '../../src/protocol/inbox/archive.ts'
import { encodeWelcomePointer } from '../../src/protocol/inbox/bodies.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { type FakeDevice, type FakeRelay, FRIEND, fakeDevice, fakeRelay, START } from './support.ts'

const id = (byte: number) => new Uint8Array(32).fill(byte)
const WHERE = {
  room: id(1),
  topic: id(2),
  hub: { url: 'ws://one.example' as RelayUrl, key: id(3) },
  suite: 'group-x25519-aes128',
} as const
const ROOM = toHex(WHERE.room)
const POINTER = encodeWelcomePointer({
  ...WHERE,
  seq: 7,
  package: id(4),
  blobs: [new Uint8Array(16)],
  blobKey: id(5),
  kind: 'group',
  name: 'Garden',
  people: 3,
})

const invite = ({ core }: FakeDevice): Promise<void> =>
  core.store.write(async (tx) => {
    const record = await groupOf(tx, ROOM, 'Garden', START)
    const invitation = { from: FRIEND, people: 3, at: START, pointers: [POINTER] }
    await putConversation(tx, { ...record, active: ROOM, invitation })
    await noteRequest(tx, core, record.id)
  })

const answer = ({ core }: FakeDevice): Promise<void> =>
  core.store.write(async (tx) => {
    const record = await getConversation(tx, groupId(ROOM))
    if (record === undefined) throw new Error('there is no invitation')
    const { invitation: _, ...rest } = record
    await putConversation(tx, { ...rest, answered: 'accepted' })
  })

const slots = ({ slots }: FakeRelay) =>
  [...slots.keys()].filter((slot) => kindOfSlot(fromHex(slot) as Uint8Array) === 'asked')

/** What a device does about what waits in the archive. */
const read = async ({ core }: FakeDevice, { url }: FakeRelay, rooms: readonly ArchivedRoom[] = []) => {
  await readAsked(core, url, rooms, (work) => work().then(() => undefined))
  const jobs = await core.store.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 10 }))
  return jobs.map(({ value }) => value)
}

test('what waits for an answer is kept at every home relay, once, and taken back when it was answered', async () => {
  const relays = [fakeRelay('one'), fakeRelay('two')]
  const device = await fakeDevice(relays)
  await keepArchive(device.core)
  expect(relays.map(slots)).toEqual([[], []])
  await invite(device)
  await keepArchive(device.core)
  expect(relays.map((relay) => slots(relay).length)).toEqual([1, 1])
  const asked = relays.map(({ requests }) => requests)
  await keepArchive(device.core)
  expect(relays.map(({ requests }) => requests)).toEqual(asked)
  await answer(device)
  await keepArchive(device.core)
  expect(relays.map(slots)).toEqual([[], []])
})

test('a relay that did not answer gets it the next time', async () => {
  const relay = fakeRelay()
  const device = await fakeDevice([relay])
  await invite(device)
  relay.answer = async () => {
    throw new Error('it is not there')
  }
  await expect(keepArchive(device.core)).rejects.toThrow()
  relay.answer = async () => undefined
  await keepArchive(device.core)
  expect(slots(relay)).toHaveLength(1)
})

test('another device looks at it like at what comes from its inbox, unless it was answered', async () => {
  const relay = fakeRelay()
  const device = await fakeDevice([relay])
  await invite(device)
  await keepArchive(device.core)
  const waits = [expect.objectContaining({ kind: 'join', from: FRIEND, pointer: POINTER })]
  expect(await read(await fakeDevice([relay]), relay)).toEqual(waits)

  const known: ArchivedRoom = {
    ...WHERE,
    kind: 'group',
    name: 'Garden',
    people: [FRIEND],
    relays: [],
    over: false,
    place: 9,
  }
  expect(await read(await fakeDevice([relay]), relay, [known])).toEqual([])
  // Out since, or before they were asked in again.
  expect(await read(await fakeDevice([relay]), relay, [{ ...known, over: true }])).toEqual([])
  expect(await read(await fakeDevice([relay]), relay, [{ ...known, over: true, place: 6 }])).toEqual(waits)
})
