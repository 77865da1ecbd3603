import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { openers } from '../../src/client/rooms/opening.ts'
import { isDchatError } from '../../src/index.ts'
import { decodeEnvelope } from '../../src/protocol/messages/envelope.ts'
import type { Member } from '../../src/protocol/mls/engine.ts'
import {
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  openAnnouncement,
  sealAnnouncement,
} from '../../src/protocol/topic/announcement.ts'
import { unwrapEntry, wrapEntry } from '../../src/protocol/topic/wrap.ts'
import { encodeCbor } from '../../src/protocol/wire/cbor.ts'
import { SUCCESSOR_BYTES } from '../../src/protocol/wire/limits.ts'
import type { Person } from '../../src/records/group.ts'
import type { Address } from '../../src/records/ids.ts'

const crypto = nodeCrypto()
const key = crypto.random(32)
const topic = crypto.random(32)
const here = { topic, epoch: 7 }

const announcement: Announcement = {
  seq: 41,
  nonce: crypto.random(16),
  reference: crypto.random(16),
  epoch: 7,
  body: crypto.random(1024),
  frame: crypto.random(200),
}

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'nothing'
  } catch (error) {
    return isDchatError(error) ? error.code : 'another error'
  }
}

describe('announcements', () => {
  test('are read as they were written', () => {
    expect(decodeAnnouncement(encodeAnnouncement(announcement))).toEqual(announcement)
  })

  test('are never taken for the content of a message', async () => {
    const code = await codeOf(() => decodeEnvelope(encodeAnnouncement(announcement)))
    expect(['protocol/malformed', 'protocol/unsupported-version']).toContain(code)
  })

  test('of another kind, version, shape or size are refused', async () => {
    const { seq, nonce, reference, epoch, body, frame } = announcement
    const good = ['successor', 1, seq, nonce, reference, epoch, body, frame]
    const spoiled = good.map((_, index) => good.map((field, at) => (at === index ? null : field)))
    for (const value of [...spoiled, good.slice(1), [...good, 0], [...good.slice(0, 3), topic, ...good.slice(4)]])
      expect(await codeOf(() => decodeAnnouncement(encodeCbor(value)))).toBe('protocol/malformed')
  })

  test('answer mutations with an announcement or a typed error', async () => {
    const encoded = encodeAnnouncement(announcement)
    for (let at = 0; at < encoded.length; at++) {
      const mutated = encoded.slice()
      mutated[at] = (mutated[at] as number) ^ 0x81
      expect(await codeOf(() => decodeAnnouncement(mutated))).toMatch(/^nothing$|^protocol\//)
    }
  })

  test('open under their key, topic and epoch, and nothing else opens as one', async () => {
    const sealed = await sealAnnouncement(crypto, key, here, announcement.body)
    expect(await openAnnouncement(crypto, key, here, sealed)).toEqual(announcement.body)
    const failing = [
      () => openAnnouncement(crypto, crypto.random(32), here, sealed),
      () => openAnnouncement(crypto, key, { ...here, topic: crypto.random(32) }, sealed),
      () => openAnnouncement(crypto, key, { ...here, epoch: 8 }, sealed),
      () => openAnnouncement(crypto, key, here, sealed.slice(0, 20)),
      () => openAnnouncement(crypto, key, here, new Uint8Array(0)),
    ]
    for (const work of failing) expect(await codeOf(work)).toBe('crypto/cannot-decrypt')
  })

  test('and entries are never taken for each other', async () => {
    const context = { ...here, kind: 'application' } as const
    const entry = await wrapEntry(crypto, key, context, announcement.body.subarray(0, 200))
    expect(await codeOf(() => openAnnouncement(crypto, key, here, entry))).toBe('crypto/cannot-decrypt')
    // 976 and the overhead of 48 make a length that an entry could have.
    const sealed = await sealAnnouncement(crypto, key, here, announcement.body.subarray(0, 976))
    expect(await codeOf(() => unwrapEntry(crypto, key, context, sealed))).toBe('crypto/cannot-decrypt')
  })

  test('larger than a list takes are refused before they leave', async () => {
    const large = new Uint8Array(SUCCESSOR_BYTES)
    expect(await codeOf(() => sealAnnouncement(crypto, key, here, large))).toBe('protocol/too-large')
  })
})

test('openers: owners before admins before members, each in leaf order, without the offender', () => {
  const person = (address: string, role: Person['role']): Person => ({
    address: address as Address,
    role,
    since: 0,
    log: 1,
  })
  const people = [person('a', 'member'), person('b', 'admin'), person('c', 'owner'), person('d', 'admin')]
  const member = (address: string, leaf: number) => ({ address, leaf }) as unknown as Member
  const members = [member('a', 0), member('d', 1), member('b', 2), member('c', 3), member('b', 4), member('c', 5)]
  const order = (offender?: string) =>
    openers({ people }, members, offender as Address | undefined).map(({ leaf }) => leaf)
  expect(order()).toEqual([3, 5, 1, 2, 4, 0])
  expect(order('c')).toEqual([1, 2, 4, 0])
  expect(order('b')).toEqual([3, 5, 1, 0])
})
