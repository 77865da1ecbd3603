import { expect, test } from 'vitest'
import type { Core } from '../../src/client/core.ts'
import { mayEnter } from '../../src/client/rooms/may-enter.ts'
import type { Rooms } from '../../src/client/rooms/rooms.ts'
import { createIdentity, parseRelayUrl } from '../../src/index.ts'
import { encodeWelcomePointer } from '../../src/protocol/inbox/bodies.ts'

const [own, stranger] = [createIdentity().address, createIdentity().address]
const bytes = (length: number) => new Uint8Array(length).fill(7)
const pointer = encodeWelcomePointer({
  room: bytes(32),
  topic: bytes(32),
  hub: { url: parseRelayUrl('ws://relay.example'), key: bytes(32) },
  suite: 'dm-xwing-aes256',
  seq: 1,
  package: bytes(64),
  blobs: [],
  blobKey: bytes(32),
  kind: 'self',
  name: '',
  people: 1,
})
const core = { self: { address: own }, store: { read: async () => ({}) } } as unknown as Core
const rooms = { get: () => undefined } as unknown as Rooms

test('a Welcome to a self-conversation counts only from the own address', async () => {
  expect(await mayEnter(core, rooms, stranger, pointer)).toBe(false)
  expect(await mayEnter(core, rooms, own, pointer)).toBe(true)
})
