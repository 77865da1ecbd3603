import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { DchatError } from '../../src/errors.ts'
import { createIdentity } from '../../src/index.ts'
import { openProfile, signProfile } from '../../src/protocol/messages/profile.ts'
import type { Profile } from '../../src/records/people.ts'

const crypto = nodeCrypto()
const { address } = createIdentity()
const seed = new Uint8Array(32).fill(7)
const deviceKey = await crypto.ed25519.publicKey(seed)
const device = { seed, deviceKey }
const text = (max: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter(
      (name) =>
        name.trim() !== '' && [...name].length <= max && !/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(name),
    )
const profiles = fc
  .record(
    {
      version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      name: text(64),
      about: text(1_000),
      picture: fc.record({
        mediaType: fc.constantFrom('image/png' as const, 'image/jpeg' as const, 'image/webp' as const),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      }),
    },
    { requiredKeys: ['version'] },
  )
  .map((said): Profile => ({ address, ...said }))

test('a profile comes back as it was signed; its short form lacks the picture', async () => {
  await fc.assert(
    fc.asyncProperty(profiles, async (profile) => {
      const full = await openProfile(crypto, await signProfile(crypto, device, profile, false))
      expect(full).toEqual({ profile, short: false, deviceKey })
      const { picture: _, ...rest } = profile
      const short = await openProfile(crypto, await signProfile(crypto, device, profile, true))
      expect(short).toEqual({ profile: rest, short: true, deviceKey })
    }),
    { numRuns: 50 },
  )
})

test('one changed byte is refused, and so is anything else, without another failure than a DchatError', async () => {
  const signed = await signProfile(crypto, device, { address, version: 5, name: 'Alice', about: 'here' }, false)
  await fc.assert(
    fc.asyncProperty(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const forged = signed.slice()
      forged[at] = (forged[at] ?? 0) ^ by
      await expect(openProfile(crypto, forged)).rejects.toBeInstanceOf(DchatError)
    }),
    { numRuns: 300 },
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      await expect(openProfile(crypto, bytes)).rejects.toBeInstanceOf(DchatError)
    }),
  )
})

test.each([
  ['a name that is too long', { name: 'a'.repeat(65) }],
  ['a name of two lines', { name: 'a\nb' }],
  ['a name that turns what follows', { name: 'a\u202eb' }],
  ['an empty name', { name: ' ' }],
  ['an about that is too long', { about: 'a'.repeat(1_001) }],
  ['an about with control characters', { about: 'a\u001b[31m' }],
  ['a picture that is too large', { picture: { mediaType: 'image/png', bytes: new Uint8Array(16 * 1024 + 1) } }],
] as const)('refuses %s', async (_, said) => {
  const signed = await signProfile(crypto, device, { address, version: 1, ...said }, false)
  await expect(openProfile(crypto, signed)).rejects.toMatchObject({ code: 'protocol/malformed' })
})

test('refuses what is larger than any profile before it looks inside', async () => {
  await expect(openProfile(crypto, new Uint8Array(64 * 1024))).rejects.toMatchObject({ code: 'protocol/too-large' })
})
