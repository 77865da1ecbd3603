import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  approveCommit,
  bindOf,
  decodeCommitFrame,
  encodeCommitFrame,
  matchesAttached,
  signCommitFrame,
  type UnsignedCommitFrame,
  verifyApproval,
  verifyCommitFrame,
} from '../../src/protocol/topic/commit-frame.ts'
import { attachedHash } from '../../src/protocol/topic/entry.ts'
import { ATTACH_LIMIT } from '../../src/protocol/wire/limits.ts'
import { toHex } from '../../src/util/bytes.ts'
import { testCrypto } from '../support/crypto.ts'
import { mutated, typedOrThrow } from '../support/mutation.ts'

const fill = (length: number, value: number) => new Uint8Array(length).fill(value)
const SEED = fill(32, 1)
const topicKey = await testCrypto.ed25519.publicKey(SEED)
const blobs = [
  { id: fill(16, 1), body: fill(40, 1) },
  { id: fill(16, 2), body: fill(9, 2) },
]
const unsigned: UnsignedCommitFrame = {
  topic: fill(32, 2),
  epoch: 4,
  commit: fill(32, 3),
  nextKey: fill(32, 4),
  removes: false,
  attached: blobs.map(({ id, body }) => ({ id, hash: attachedHash(body) })),
  bind: fill(32, 5),
}
const frame = await signCommitFrame(testCrypto, SEED, unsigned)

describe('the frame of a commit', () => {
  test('survives encoding and verifies under the topic key only', async () => {
    const decoded = decodeCommitFrame(encodeCommitFrame(frame))
    expect(decoded).toEqual(frame)
    await verifyCommitFrame(testCrypto, decoded, topicKey)
    await expect(verifyCommitFrame(testCrypto, decoded, fill(32, 9))).rejects.toMatchObject({
      code: 'crypto/bad-signature',
    })
  })

  test.each<[keyof UnsignedCommitFrame, Partial<UnsignedCommitFrame>]>([
    ['topic', { topic: fill(32, 9) }],
    ['epoch', { epoch: 5 }],
    ['commit', { commit: fill(32, 9) }],
    ['nextKey', { nextKey: fill(32, 9) }],
    ['removes', { removes: true }],
    ['attached', { attached: [] }],
    ['bind', { bind: fill(32, 9) }],
  ])('has its %s signed', async (_, change) => {
    await expect(verifyCommitFrame(testCrypto, { ...frame, ...change }, topicKey)).rejects.toMatchObject({
      code: 'crypto/bad-signature',
    })
  })

  test('says a commit key, or that there is none any more, under the signature; one that says nothing is as it always was', async () => {
    for (const commitKey of [fill(32, 7), null]) {
      const keyed = await signCommitFrame(testCrypto, SEED, { ...unsigned, commitKey })
      const decoded = decodeCommitFrame(encodeCommitFrame(keyed))
      expect(decoded).toEqual(keyed)
      await verifyCommitFrame(testCrypto, decoded, topicKey)
      const { commitKey: _, ...without } = decoded
      for (const false_ of [without, { ...decoded, commitKey: fill(32, 8) }])
        await expect(verifyCommitFrame(testCrypto, false_, topicKey)).rejects.toMatchObject({
          code: 'crypto/bad-signature',
        })
    }
    expect(encodeCommitFrame(frame)[1]).toBe(1)
  })

  test('is approved by the commit key, whole', async () => {
    const encoded = encodeCommitFrame(frame)
    const approval = await approveCommit(testCrypto, SEED, encoded)
    await verifyApproval(testCrypto, encoded, topicKey, approval)
    for (const [changed, key] of [
      [encodeCommitFrame({ ...frame, epoch: 5 }), topicKey],
      [encoded, fill(32, 9)],
    ] as const)
      await expect(verifyApproval(testCrypto, changed, key, approval)).rejects.toMatchObject({
        code: 'crypto/bad-signature',
      })
  })

  test('names what travels with it, in order', () => {
    const [first, second] = blobs as [(typeof blobs)[0], (typeof blobs)[0]]
    expect(matchesAttached(frame, blobs)).toBe(true)
    expect(matchesAttached(frame, [first])).toBe(false)
    expect(matchesAttached(frame, [second, first])).toBe(false)
    expect(matchesAttached(frame, [first, second, second])).toBe(false)
    expect(matchesAttached(frame, [first, { ...second, body: fill(9, 3) }])).toBe(false)
    expect(matchesAttached(frame, [first, { ...second, id: fill(16, 3) }])).toBe(false)
  })

  test('names at most as many blobs as may travel', async () => {
    const many = (count: number) => ({
      ...frame,
      attached: Array.from({ length: count }, () => ({ id: fill(16, 1), hash: fill(32, 1) })),
    })
    expect(decodeCommitFrame(encodeCommitFrame(many(ATTACH_LIMIT))).attached).toHaveLength(ATTACH_LIMIT)
    expect(() => decodeCommitFrame(encodeCommitFrame(many(ATTACH_LIMIT + 1)))).toThrow(
      expect.objectContaining({ code: 'protocol/malformed' }),
    )
  })

  test('answers ten thousand mutations with a frame or a typed error', () => {
    fc.assert(
      fc.property(mutated([encodeCommitFrame(frame), encodeCommitFrame({ ...frame, commitKey: null })]), (bytes) =>
        typedOrThrow(() => decodeCommitFrame(bytes)),
      ),
      {
        numRuns: 10_000,
      },
    )
  })

  test('the bind depends on each of its parts and on where one ends', () => {
    const [a, b] = [fill(4, 1), fill(4, 2)]
    const binds = [
      bindOf(SEED, a, b, a),
      bindOf(a, a, b, a),
      bindOf(SEED, b, b, a),
      bindOf(SEED, a, a, a),
      bindOf(SEED, a, b, b),
    ]
    binds.push(bindOf(SEED, fill(5, 1), fill(3, 2), a))
    expect(new Set(binds.map(toHex)).size).toBe(6)
  })
})
