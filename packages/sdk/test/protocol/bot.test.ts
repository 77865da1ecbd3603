import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { type BotManifest, createIdentity, isDchatError } from '../../src/index.ts'
import { decodeManifest, openManifest, signManifest } from '../../src/protocol/messages/bot.ts'
import { decodePost, isSignedPost, signPost } from '../../src/protocol/messages/bot-post.ts'
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../../src/protocol/messages/snapshot.ts'

const crypto = nodeCrypto()
const { address } = createIdentity()
const seed = crypto.random(32)

const device = async () => ({ seed, deviceKey: await crypto.ed25519.publicKey(seed) })

const words = fc
  .string({ minLength: 1, maxLength: 40 })
  .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(text))
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/)
const arg = fc.record(
  {
    name,
    type: fc.constantFrom('text' as const, 'rest' as const, 'number' as const, 'integer' as const, 'choice' as const),
    optional: fc.constant(true as const),
    choices: fc.array(words, { maxLength: 4 }),
  },
  { requiredKeys: ['name', 'type'] },
)
const command = fc.record(
  { name, description: words, args: fc.array(arg, { minLength: 1, maxLength: 4 }) },
  { requiredKeys: ['name', 'description'] },
)
const manifest: fc.Arbitrary<BotManifest> = fc.record(
  {
    read: fc.oneof(
      fc.constant('all' as const),
      fc.subarray(['commands' as const, 'mentions' as const, 'replies' as const]),
    ),
    send: fc.boolean(),
    react: fc.boolean(),
    files: fc.boolean(),
    members: fc.boolean(),
    history: fc.constant('none' as const),
    commands: fc.uniqueArray(command, { selector: (each) => each.name, maxLength: 5 }),
    inline: fc.constant(true as const),
    about: words,
  },
  { requiredKeys: ['read', 'send', 'react', 'files', 'members', 'history', 'commands'] },
)

test('a manifest reads back as it was signed', async () => {
  const own = await device()
  await fc.assert(
    fc.asyncProperty(manifest, fc.integer({ min: 1 }), async (said, number) => {
      const opened = await openManifest(crypto, await signManifest(crypto, own, address, number, said))
      expect(opened).toEqual({ address, number, manifest: said, deviceKey: own.deviceKey })
    }),
    { numRuns: 40 },
  )
})

test('a manifest with another byte is refused, and noise fails with nothing but a DchatError', async () => {
  const said = { read: ['commands'], send: true, react: true, files: false, members: false, history: 'none' } as const
  const bytes = await signManifest(crypto, await device(), address, 7, {
    ...said,
    commands: [{ name: 'roll', description: 'Rolls dice' }],
  })
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const other = bytes.slice()
      other[at] = (other[at] as number) ^ flip
      await expect(openManifest(crypto, other)).rejects.toSatisfy((error) => isDchatError(error))
    }),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      for (const decode of [decodeManifest, decodePost])
        try {
          decode(noise)
        } catch (error) {
          expect(isDchatError(error)).toBe(true)
        }
    }),
  )
})

test('what a bot posts is bound to its channel', async () => {
  const [channel, other] = [crypto.random(32), crypto.random(32)]
  const bytes = await signPost(crypto, await device(), channel, { address, content: crypto.random(50) })
  const post = decodePost(bytes)
  expect(await isSignedPost(crypto, channel, post)).toBe(true)
  expect(await isSignedPost(crypto, other, post)).toBe(false)
  expect(await isSignedPost(crypto, channel, { ...post, content: crypto.random(50) })).toBe(false)
})

test('a snapshot without bots is what it was before there were any; with bots and in a channel it reads back', () => {
  const base: Snapshot = {
    kind: 'group',
    suite: 'group-x25519-aes128',
    room: new Uint8Array(32).fill(1),
    opener: address,
    term: 1,
    name: 'Group',
    timer: 0,
    people: [{ address, role: 'owner', since: 0, log: 1 }],
    pins: [],
  }
  // An array of eleven.
  expect(encodeSnapshot(base)[0]).toBe(0x8b)
  const entry = { address, manifest: new Uint8Array(10), by: address }
  const channel = { room: new Uint8Array(32).fill(2), topic: new Uint8Array(32).fill(3) }
  const people = [{ address, role: 'member', since: 0, log: 1 }] as const
  const all: readonly Snapshot[] = [
    base,
    { ...base, bots: [entry, { ...entry, channel }] },
    { ...base, kind: 'channel', people, bots: [entry], parent: new Uint8Array(32).fill(4) },
  ]
  for (const snapshot of all) expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual(snapshot)
  const { bots: _, ...without } = all[2] as Snapshot
  expect(() => decodeSnapshot(encodeSnapshot(without))).toThrow()
  expect(() => decodeSnapshot(encodeSnapshot({ ...base, kind: 'channel', bots: [entry] }))).toThrow()
})
