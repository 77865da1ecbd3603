import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochKeysOf, topicKeyOf } from '../../src/protocol/topic/epoch-keys.ts'
import { topicIdFromHex, topicIdOf, topicIdToHex } from '../../src/protocol/topic/ids.ts'
import { unwrapEntry, type WrapContext, wrapEntry } from '../../src/protocol/topic/wrap.ts'
import { toHex } from '../../src/util/bytes.ts'
import { testCrypto } from '../support/crypto.ts'

const keys = epochKeysOf(new Uint8Array(32).fill(1))
const context: WrapContext = { topic: new Uint8Array(32).fill(2), kind: 'application', epoch: 7 }

describe('the wrap', () => {
  test('brings back every message; the relay sees one of the classes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (message) => {
        const body = await wrapEntry(testCrypto, keys.wrapKey, context, message)
        expect([256, 1024, 4096, 16_384]).toContain(body.length)
        expect(toHex(await unwrapEntry(testCrypto, keys.wrapKey, context, body))).toBe(toHex(message))
      }),
      { numRuns: 50 },
    )
  })

  test('never yields the same bytes twice', async () => {
    const message = new Uint8Array(10)
    const [a, b] = await Promise.all([1, 2].map(() => wrapEntry(testCrypto, keys.wrapKey, context, message)))
    expect(toHex(a as Uint8Array)).not.toBe(toHex(b as Uint8Array))
  })

  test.each<[string, Partial<WrapContext>]>([
    ['topic', { topic: new Uint8Array(32) }],
    ['kind', { kind: 'commit' }],
    ['epoch', { epoch: 8 }],
  ])('does not open as another %s', async (_, other) => {
    const body = await wrapEntry(testCrypto, keys.wrapKey, context, new Uint8Array(3))
    const claimed = { ...context, ...other }
    await expect(unwrapEntry(testCrypto, keys.wrapKey, claimed, body)).rejects.toMatchObject({
      code: 'crypto/cannot-decrypt',
      details: { epoch: claimed.epoch },
    })
  })

  test('does not open with another key, nor after any bit was changed', async () => {
    const body = await wrapEntry(testCrypto, keys.wrapKey, context, new Uint8Array(3))
    const cannot = { code: 'crypto/cannot-decrypt' }
    await expect(unwrapEntry(testCrypto, keys.bindKey, context, body)).rejects.toMatchObject(cannot)
    for (let at = 0; at < body.length; at += 5) {
      const changed = body.slice()
      changed[at] = (changed[at] as number) ^ 1
      await expect(unwrapEntry(testCrypto, keys.wrapKey, context, changed)).rejects.toMatchObject(cannot)
    }
  })

  test.each([0, 1, 47, 48, 255, 257])('of %i bytes is malformed', async (length) => {
    await expect(unwrapEntry(testCrypto, keys.wrapKey, context, new Uint8Array(length))).rejects.toMatchObject({
      code: 'protocol/malformed',
    })
  })
})

describe('epoch keys and topic ids', () => {
  test('all keys of an epoch differ, and differ between epochs', async () => {
    const next = epochKeysOf(new Uint8Array(32).fill(2))
    const all = [...Object.values(keys), ...Object.values(next), await topicKeyOf(testCrypto, keys)].map(toHex)
    expect(new Set(all).size).toBe(9)
  })

  test('a topic id depends on key and nonce, and passes through hex', async () => {
    const key = await topicKeyOf(testCrypto, keys)
    const id = topicIdOf(key, new Uint8Array(16))
    expect(id).toHaveLength(32)
    expect(toHex(topicIdOf(key, new Uint8Array(16).fill(1)))).not.toBe(toHex(id))
    expect(topicIdFromHex(topicIdToHex(id))).toEqual(id)
    for (const wrong of ['', 'ab', 'g'.repeat(64), 'A'.repeat(64)])
      expect(() => topicIdFromHex(wrong)).toThrow(expect.objectContaining({ code: 'protocol/malformed' }))
  })
})
