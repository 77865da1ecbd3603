import { expect, test } from 'vitest'
import { archiveState } from '../../src/client/history/archive-state.ts'
import { archiveAfterRestore } from '../../src/client/history/chain.ts'
import { noteChanged } from '../../src/client/history/changed.ts'
import { keepArchive } from '../../src/client/history/keep-archive.ts'
import { getHistory, putHistory } from '../../src/client/history/note.ts'
import { beginReading, catchUp } from '../../src/client/history/progress.ts'
import { readHistory } from '../../src/client/history/read-history.ts'
import { takeHistoryPiece } from '../../src/client/history/receive-past.ts'
import { deleteMessage, getMessage, putMessage } from '../../src/client/message-life/rows.ts'
import type { JobRecord, MessageRecord } from '../../src/client/records.ts'
import { DchatError } from '../../src/errors.ts'
import { memoryStorage } from '../../src/node.ts'
import { encodeSegment } from '../../src/protocol/history/segment.ts'
import { kindOfSlot } from '../../src/protocol/history/slots.ts'
import { encodeHistoryPiece } from '../../src/protocol/history/transfer.ts'
import { fromHex } from '../../src/util/bytes.ts'
import {
  everything,
  type FakeDevice,
  type FakeRelay,
  FRIEND,
  fakeDevice,
  fakeRelay,
  gone,
  hear,
  heard,
  keep,
  OWN,
  range,
  START,
  TALK,
  take,
  words,
} from './support.ts'

/** A device that was there, and one that comes later. */
const pair = async (relays: readonly FakeRelay[]) => ({ old: await fakeDevice(relays), late: await fakeDevice(relays) })

const change = (device: FakeDevice, number: number, next: (message: MessageRecord) => MessageRecord) =>
  device.core.store.write(async (tx) => {
    const message = (await getMessage(tx, heard(number).id)) as MessageRecord
    putMessage(tx, next(message))
    await noteChanged(tx, message.id)
  })

const deleted = (message: MessageRecord): MessageRecord => ({ ...message, content: { type: 'deleted', by: FRIEND } })

const slotsOf = ({ slots }: FakeRelay, kind: string): string[] =>
  [...slots.keys()].filter((slot) => kindOfSlot(fromHex(slot) as Uint8Array) === kind).sort()

test('10,000 messages are there in their order, newest first, with ids, authors and times', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(
    old,
    range(1, 10_000).map((number) => heard(number)),
  )
  await keep(old)
  expect(await archiveState(old.core)).toMatchObject({ bodies: true, messages: 10_000, behind: 0, full: false })
  const sizes: number[] = []
  relay.answer = async (method) => {
    if (method === 'archive.get') sizes.push((await late.core.store.read(getHistory))?.messages ?? 0)
    return undefined
  }
  await take(late)
  const [before, after] = [await everything(old), await everything(late)]
  const shown = ({ id, from, own, at, place, content }: MessageRecord) => ({ id, from, own, at, place, content })
  expect(after.map(shown)).toEqual(before.map(shown))
  expect(after.every(({ state, own }) => own || state === 'read')).toBe(true)
  // It was readable while the rest was on its way, and the newest came first.
  expect(sizes.filter((size) => size > 0 && size < 10_000).length).toBeGreaterThan(5)
  expect((await late.core.store.read(getHistory))?.messages).toBe(10_000)
})

test('what comes first is the end of the conversation', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(
    old,
    range(1, 6_000).map((number) => heard(number)),
  )
  await keep(old)
  let left = 4
  relay.answer = async (method) => (method === 'archive.get' && left-- <= 0 ? gone() : undefined)
  await expect(take(late)).rejects.toMatchObject({ code: 'transport/unreachable' })
  const numbers = (await everything(late)).map(({ place }) => place % 2 ** 40)
  expect(numbers[numbers.length - 1]).toBe(6_000)
  expect(numbers).toEqual(range(6_001 - numbers.length, numbers.length))
  expect(numbers.length).toBeLessThan(6_000)
})

test('whoever is stopped anywhere goes on from there, both who writes and who reads', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(
    old,
    range(1, 5_000).map((number) => heard(number)),
  )
  let patience = 1
  let left = patience
  relay.answer = async () => (left-- <= 0 ? gone() : undefined)
  const untilDone = async (work: () => Promise<void>) => {
    let rounds = 0
    for (patience = 1; ; patience += 1, rounds++) {
      left = patience
      try {
        await work()
        return rounds
      } catch (error) {
        expect(error).toMatchObject({ code: 'transport/unreachable' })
      }
    }
  }
  expect(await untilDone(() => keep(old))).toBeGreaterThan(2)
  await late.core.store.write((tx) => beginReading(tx, START, true))
  expect(await untilDone(() => readHistory(late.core))).toBeGreaterThan(1)
  expect(await words(late)).toEqual(await words(old))
  expect((await late.core.store.read(getHistory))?.messages).toBe(5_000)
})

test('what was deleted, and what has disappeared, is in no segment any more; an edit is what comes back', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(
    old,
    range(1, 1_500).map((number) => heard(number)),
  )
  await keep(old)
  await change(old, 5, deleted)
  await change(old, 6, (message) => ({
    ...message,
    content: { type: 'text', text: 'edited' },
    editedAt: START + 9_000,
  }))
  await old.core.store.write(async (tx) => {
    const message = (await getMessage(tx, heard(7).id)) as MessageRecord
    deleteMessage(tx, message)
    await noteChanged(tx, message.id)
  })
  await keepArchive(old.core)
  await take(late)
  const found = await words(late)
  expect(found.slice(3, 7)).toEqual(['words 4', 'deleted', 'edited', 'words 8'])
  expect(found).toEqual(await words(old))
})

test('of two devices that know different things, the deletion and the last wording hold, in whatever order they are read', async () => {
  for (const [first, second] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const relay = fakeRelay()
    const devices = [await fakeDevice([relay]), await fakeDevice([relay])]
    const late = await fakeDevice([relay])
    for (const device of devices)
      await hear(
        device,
        range(1, 20).map((number) => heard(number)),
      )
    await change(devices[first] as FakeDevice, 3, deleted)
    await change(devices[first] as FakeDevice, 4, (message) => ({
      ...message,
      content: { type: 'text', text: 'later' },
      editedAt: START + 9,
    }))
    await change(devices[second] as FakeDevice, 4, (message) => ({
      ...message,
      content: { type: 'text', text: 'earlier' },
      editedAt: START + 8,
    }))
    for (const device of devices) await keep(device)
    await take(late)
    expect((await words(late)).slice(1, 5)).toEqual(['words 2', 'deleted', 'later', 'words 5'])
  }
})

test('messages whose time is over do not come back', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(old, [heard(1), heard(2, 'soon over', { expiresAt: START + 60_000 })])
  await keep(old)
  late.clock.now = START + 60_000
  await take(late)
  expect(await words(late)).toEqual(['words 1'])
})

test('a relay that gives nothing, noise, another slot or an older one is passed over where another has it', async () => {
  const bodies = new Map<string, Uint8Array>()
  const acts: Record<string, (slot: string, relay: FakeRelay) => Uint8Array | null> = {
    nothing: () => null,
    noise: () => new Uint8Array(300).fill(9),
    short: () => new Uint8Array(3),
    another: (slot, { slots }) =>
      slots.get(slotsOf({ slots } as FakeRelay, 'segment').find((name) => name !== slot) as string) as Uint8Array,
    old: (slot) => bodies.get(slot) ?? null,
  }
  for (const act of Object.values(acts)) {
    const [evil, good] = [fakeRelay('evil'), fakeRelay('good')]
    const { old, late } = await pair([evil, good])
    await hear(
      old,
      range(1, 1_500).map((number) => heard(number)),
    )
    await keep(old)
    for (const [slot, body] of evil.slots) bodies.set(slot, body)
    await change(old, 5, deleted)
    await keepArchive(old.core)
    evil.answer = async (method, slot) => (method === 'archive.get' ? { body: act(slot as string, evil) } : undefined)
    await take(late)
    expect(await words(late)).toEqual(await words(old))
  }
})

test('where the only relay plays tricks, what is not as it was told is not taken', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(
    old,
    range(1, 1_500).map((number) => heard(number)),
  )
  await keep(old)
  const before = new Map(relay.slots)
  await change(old, 5, deleted)
  await keepArchive(old.core)
  relay.answer = async (method, slot) =>
    method === 'archive.get' ? { body: before.get(slot as string) ?? null } : undefined
  await take(late)
  expect(await words(late)).not.toContain('words 5')
  expect((await late.core.store.read(getHistory))?.archive).toBe('done')
})

test('switched off, nothing of messages stays at the relays; keys and registers do', async () => {
  const relay = fakeRelay()
  const { old } = await pair([relay])
  await hear(
    old,
    range(1, 1_500).map((number) => heard(number)),
  )
  await keep(old)
  expect(slotsOf(relay, 'segment').length).toBeGreaterThan(1)
  await keep(old, false)
  expect([...slotsOf(relay, 'segment'), ...slotsOf(relay, 'index')]).toEqual([])
  expect([slotsOf(relay, 'key').length, slotsOf(relay, 'registers').length]).toEqual([1, 1])
  expect(await archiveState(old.core)).toEqual({ bodies: false, bytes: 0, messages: 0, behind: 0, full: false })
})

test('a store that was restored goes on behind what it had written, and nothing of it is lost', async () => {
  const relay = fakeRelay()
  const storage = memoryStorage()
  const old = await fakeDevice([relay], storage)
  await hear(
    old,
    range(1, 300).map((number) => heard(number)),
  )
  await keep(old)
  const copy: { table: string; rows: unknown[] }[] = []
  await old.core.store.read(async (tx) => {
    for (const table of ['meta', 'messages', 'arrivals', 'archive', 'conversations', 'personal'] as const) {
      const rows: unknown[] = []
      for (let after: string | undefined; ; ) {
        const page = await tx.scan(table, { limit: 500, ...(after === undefined ? {} : { after }) })
        rows.push(...page.rows)
        after = page.next
        if (after === undefined) break
      }
      copy.push({ table, rows })
    }
  })
  await hear(
    old,
    range(301, 300).map((number) => heard(number)),
  )
  await keepArchive(old.core)

  const back = await fakeDevice([relay])
  await back.core.store.write(async (tx) => {
    for (const { table, rows } of copy) for (const row of rows) tx.put(table as 'meta', row as never)
    await archiveAfterRestore(tx)
  })
  await take(back)
  expect(await words(back)).toEqual(await words(old))
  await hear(
    back,
    range(601, 100).map((number) => heard(number)),
  )
  await keepArchive(back.core)
  const late = await fakeDevice([relay])
  await take(late)
  expect(await words(late)).toEqual(await words(back))
})

test('a full relay is told, and what it has no room for goes there when it has', async () => {
  const relay = fakeRelay()
  const { old } = await pair([relay])
  await hear(
    old,
    range(1, 50).map((number) => heard(number)),
  )
  let full = true
  relay.answer = async (method, slot) => {
    if (full && method === 'archive.put' && slot?.startsWith('04'))
      throw new DchatError('relay/quota', { what: 'bytes of one archive', limit: 1 })
    return undefined
  }
  await expect(keep(old)).rejects.toMatchObject({ code: 'relay/quota' })
  expect(await archiveState(old.core)).toMatchObject({ full: true, messages: 0 })
  full = false
  await keepArchive(old.core)
  expect(await archiveState(old.core)).toMatchObject({ full: false, messages: 50, behind: 0 })
})

test('history stands in no stream and asks for no reading; a conversation known from it alone is there to be read', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  await hear(
    old,
    range(1, 5).map((number) => heard(number)),
  )
  await keep(old)
  await take(late)
  const { record, arrivals } = await late.core.store.read(async (tx) => ({
    record: await tx.get<{ unread: number; name: string; active?: string; last: { preview: string } }>(
      'conversations',
      TALK,
    ),
    arrivals: await tx.page('arrivals', { scope: 'all', after: 0, limit: 10 }),
  }))
  expect(record).toMatchObject({ unread: 0, name: 'Garden', last: { preview: 'words 5' } })
  expect(record?.active).toBeUndefined()
  expect(arrivals).toEqual([])
  expect(OWN).not.toBe(FRIEND)
})

test('what came in between is taken by a second look, and what was read before is not asked for again', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  const all = range(1, 3_000).map((number) => heard(number))
  await hear(old, all)
  await keep(old)
  await take(late)
  await hear(
    old,
    range(3_001, 20).map((number) => heard(number)),
  )
  await change(old, 5, deleted)
  await keepArchive(old.core)
  await late.core.store.write((tx) => catchUp(tx, START))
  relay.requests = 0
  await readHistory(late.core)
  expect(await words(late)).toEqual(await words(old))
  // The index, the segment of the newest, and that of the deleted one.
  expect(relay.requests).toBeLessThan(6)
})

test('what came between reading the archive and asking the device that keeps it is taken by a second look', async () => {
  const relay = fakeRelay()
  const { old, late } = await pair([relay])
  const { store, self } = late.core
  const hears = (from: number, count: number) =>
    hear(
      old,
      range(from, count).map((number) => heard(number)),
    )
  await hears(1, 20)
  await keep(old)
  await store.write((tx) => beginReading(tx, START, false))
  await readHistory(late.core)
  await hears(21, 5)
  await keepArchive(old.core)
  // Its chain was read, and everything is in it: it gives nothing more.
  const ask = new Uint8Array(16).fill(9)
  const segment = encodeSegment({ version: 0, messages: [] })
  const piece = encodeHistoryPiece({ ask, to: self.device, total: 25, top: 25, segment })
  await store.write((tx) => putHistory(tx, { ask }))
  await store.write((tx) => takeHistoryPiece(tx, late.core, old.core.self.device, piece))
  const [job] = await store.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 10 }))
  expect(job?.value).toMatchObject({ kind: 'catch-up' })
  await store.write((tx) => catchUp(tx, START))
  await readHistory(late.core)
  expect(await words(late)).toEqual(await words(old))
  // Once is enough: what it has above that it gives itself.
  await store.write((tx) => putHistory(tx, { ask }))
  await store.write(async (tx) => tx.delete('jobs', 'catch-up'))
  await store.write((tx) => takeHistoryPiece(tx, late.core, old.core.self.device, piece))
  expect(await store.read((tx) => tx.get('jobs', 'catch-up'))).toBeUndefined()
})
