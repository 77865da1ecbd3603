import { describe, expect, test } from 'vitest'
import { archiveAhead, archivedAt } from '../../src/client/archive.ts'
import { noteReserved } from '../../src/client/backup/reserved.ts'
import { getConversation, groupId, groupOf, putConversation } from '../../src/client/conversation-store.ts'
import type { Core } from '../../src/client/core.ts'
import { readArchive } from '../../src/client/history/read-archive.ts'
import { keepRecord } from '../../src/client/history/records.ts'
import { putJob } from '../../src/client/jobs.ts'
import type { ControlRecord, JobRecord, RoomRecord } from '../../src/client/records.ts'
import { DchatError, type ErrorCode } from '../../src/errors.ts'
import { kindOfSlot, slotOf } from '../../src/protocol/history/slots.ts'
import { type ArchivedRoom, BEFORE_IT_OPENED, encodeArchivedRoom } from '../../src/protocol/inbox/archive.ts'
import type { Address, RelayUrl } from '../../src/records/ids.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { type FakeRelay, FRIEND, fakeDevice, fakeRelay, gone, OWN, START } from './support.ts'

const id = (byte: number) => new Uint8Array(32).fill(byte)
const ROOM = toHex(id(1))
const HUB = { url: 'ws://hub.example' as RelayUrl, key: id(3) }
const ENTRY: ArchivedRoom = {
  room: id(1),
  topic: id(2),
  hub: HUB,
  suite: 'group-x25519-aes128',
  kind: 'group',
  name: 'Garden',
  people: [],
  relays: [],
  over: false,
  place: BEFORE_IT_OPENED,
}

const full = async (): Promise<never> => {
  throw new DchatError('relay/quota', { what: 'slots', limit: 1 })
}

const deviceAt = async (relays: readonly FakeRelay[]): Promise<Core> => {
  const { core } = await fakeDevice(relays)
  const directory = { relaysOf: () => [], peek: () => undefined }
  return { ...core, directory, self: { ...core.self, dropArchiveSeed: async () => undefined } } as unknown as Core
}

/** A group that the device made, and has not opened. */
const make = (core: Core, change: Partial<RoomRecord> = {}) =>
  core.store.write(async (tx) => {
    const { room, topic, hub, suite, name } = ENTRY
    const record = {
      id: ROOM,
      ordinal: 1,
      topic,
      hub,
      suite,
      term: 1,
      seq: 0,
      state: 'creating',
      ...change,
    } as RoomRecord
    const people = [{ address: OWN, role: 'owner', since: 0, log: 1 }]
    const snapshot = { kind: 'group', suite, room, opener: OWN, term: 1, name, timer: 0, people, pins: [] }
    tx.put('rooms', { key: ROOM, scope: 'all', position: 1, value: record })
    tx.put('groups', {
      key: `${ROOM}/control`,
      value: { snapshot, named: {}, heard: [OWN] } as unknown as ControlRecord,
    })
  })

const roomsAt = ({ slots }: FakeRelay) =>
  [...slots.keys()].filter((slot) => kindOfSlot(fromHex(slot) as Uint8Array) === 'room').length

describe('before a room is opened', () => {
  test('its hub is told of it if it is a home relay', async () => {
    const relays = [fakeRelay('one'), fakeRelay('hub')]
    const core = await deviceAt(relays)
    await make(core)
    await archiveAhead(core, ROOM)
    expect(relays.map(roomsAt)).toEqual([0, 1])
  })

  test('one home relay is told of it: the first that takes it', async () => {
    const two = fakeRelay('two')
    const relays = [{ ...fakeRelay('one'), answer: gone }, two, fakeRelay('three')]
    const core = await deviceAt(relays)
    await make(core)
    await archiveAhead(core, ROOM)
    expect(relays.map(roomsAt)).toEqual([0, 1, 0])
    expect(await archivedAt(core, two.url, ROOM)).toMatchObject(ENTRY)
  })

  test.each([
    ['is away', [gone], 'transport/unreachable'],
    ['is away, and another one takes no more', [full, gone], 'transport/unreachable'],
    ['takes no more', [full, full], undefined],
  ] as const)(
    'where every one %s, what may pass is waited for, and nothing else',
    async (_, answers, code?: ErrorCode) => {
      const relays = answers.map((answer, at) => ({ ...fakeRelay(`${at}`), answer }))
      const core = await deviceAt(relays)
      await make(core)
      const told = archiveAhead(core, ROOM)
      await (code === undefined ? told : expect(told).rejects.toMatchObject({ code }))
      expect(relays.map(({ requests }) => requests)).toEqual([1, 1].slice(0, relays.length))
      expect(relays.map(roomsAt)).not.toContain(1)
    },
  )

  test('an old copy of the store leaves what is told of it already', async () => {
    const relay = fakeRelay()
    const core = await deviceAt([relay])
    await make(core, { stale: true })
    const open = { ...ENTRY, people: [FRIEND], place: 2 ** 40 + 7 }
    await keepRecord(core, relay.url, slotOf('room', OWN, id(1)), encodeArchivedRoom(open))
    await archiveAhead(core, ROOM)
    expect(await archivedAt(core, relay.url, ROOM)).toEqual(open)
  })
})

describe('who reads of a room that was not known to be open', () => {
  /** What a device does of it; `knows`: whether it has the name from a backup, and what the hub says of the topic. */
  const reading = async (knows: 'nothing' | 'the name', hub?: ErrorCode, entry = ENTRY) => {
    const home = fakeRelay()
    const asked: string[] = []
    const at: FakeRelay = { ...fakeRelay('hub'), answer: async (method) => answered(method) }
    const answered = async (method: string) => {
      asked.push(method)
      if (hub !== undefined) throw new DchatError(hub as 'relay/unknown-topic', { topic: '' })
      return { body: null }
    }
    const core = await deviceAt([home, at])
    const alone = { ...core, self: { ...core.self, relays: [home.url] } } as unknown as Core
    await keepRecord(alone, home.url, slotOf('room', OWN, id(1)), encodeArchivedRoom(entry))
    if (knows === 'the name') await reserve(core, [FRIEND])
    await readArchive(alone)
    return core.store.read(async (tx) => {
      const job = await tx.get<JobRecord>('jobs', `ask/${ROOM}`)
      const state = (await getConversation(tx, groupId(ROOM)))?.restoring === true ? 'waits' : 'goes on'
      return { asked, state, people: job?.kind === 'ask' ? job.people : [] }
    })
  }

  const reserve = (core: Core, people: readonly Address[]) =>
    core.store.write(async (tx) => {
      const record = await putConversation(tx, await groupOf(tx, ROOM, 'Garden', START))
      const task = { kind: 'open-group', conversation: record.id, people, timer: 0 } as const
      await putJob(tx, `open/${record.id}`, task, START)
      await noteReserved(tx, record)
    })

  test.each(['nothing', 'the name'] as const)(
    'leaves it if its hub does not know the topic, and it knew %s: nobody was told of it',
    async (knows) => {
      expect(await reading(knows, 'relay/unknown-topic')).toEqual({
        asked: ['topic.head'],
        state: 'goes on',
        people: [],
      })
    },
  )

  test.each([undefined, 'relay/not-permitted'] as const)(
    'asks to be let in if its hub knows the topic (%s)',
    async (says) => {
      expect(await reading('nothing', says)).toMatchObject({ state: 'waits', people: [OWN] })
      expect(await reading('the name', says)).toMatchObject({ state: 'waits', people: [OWN, FRIEND] })
    },
  )

  test('takes it for open if its hub tells nothing and a backup gave it the name, and for nothing otherwise', async () => {
    expect(await reading('nothing', 'transport/unreachable')).toMatchObject({ state: 'goes on', people: [] })
    expect(await reading('the name', 'transport/unreachable')).toMatchObject({ state: 'waits', people: [OWN, FRIEND] })
  })

  test('asks nobody but its own devices and them where the archive knows of no people in an open one', async () => {
    const open = { ...ENTRY, place: 2 ** 40 + 1 }
    expect(await reading('the name', undefined, open)).toEqual({ asked: [], state: 'waits', people: [OWN, FRIEND] })
  })
})
