import { createHash, hkdfSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { decodeCommitFrame, verifyApproval, verifyCommitFrame } from '../../src/protocol/topic/commit-frame.ts'
import { verifyReceipt } from '../../src/protocol/topic/receipt.ts'
import { decodeReceipt } from '../../src/protocol/topic/receipt-codec.ts'
import { unwrapEntry, type WrapContext } from '../../src/protocol/topic/wrap.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { testCrypto } from '../support/crypto.ts'
import { makeVectors } from './make-vectors.ts'

const folder = new URL('../../vectors/topic/', import.meta.url)
const read = async (name: string) => JSON.parse(await readFile(new URL(name, folder), 'utf8'))
const hex = (text: string) => fromHex(text) as Uint8Array
const sha = (text: string) => createHash('sha256').update(Buffer.from(text, 'hex')).digest('hex')

interface Invalid {
  name: string
  encoded: string
  error: string
}

const made = await makeVectors()

describe('the topic vectors', () => {
  test.each(Object.keys(made))('%s is what the code yields', async (name) => {
    await expect(made[name]).toMatchFileSnapshot(fileURLToPath(new URL(name, folder)))
  })

  test('epoch keys are plain HKDF-SHA256 by their labels, ids and hashes plain SHA-256 of their statements', async () => {
    const { epochs, topicId } = await read('epoch-keys.json')
    const derive = (seed: string, label: string) =>
      Buffer.from(hkdfSync('sha256', Buffer.from(seed, 'hex'), Buffer.alloc(0), label, 32)).toString('hex')
    for (const { topicSeed, topicSeed32, wrapKey, bindKey, signalKey } of epochs) {
      expect(topicSeed32).toBe(derive(topicSeed, 'dchat/topic-key/v1'))
      expect(wrapKey).toBe(derive(topicSeed, 'dchat/wrap-key/v1'))
      expect(bindKey).toBe(derive(topicSeed, 'dchat/bind-key/v1'))
      expect(signalKey).toBe(derive(topicSeed, 'dchat/signal-key/v1'))
    }
    expect(topicId.id).toBe(sha(topicId.statement))
    for (const { entry, statement, head, headStatement } of await read('entry.json')) {
      expect(entry).toBe(sha(statement))
      expect(head).toBe(sha(headStatement))
    }
  })

  test('wrapped entries open to their message, or fail as they should', async () => {
    const { valid, invalid } = await read('wrap.json')
    const unwrap = (v: { wrapKey: string; topic: string; kind: WrapContext['kind']; epoch: number; body: string }) =>
      unwrapEntry(testCrypto, hex(v.wrapKey), { topic: hex(v.topic), kind: v.kind, epoch: v.epoch }, hex(v.body))
    for (const vector of valid) expect(toHex(await unwrap(vector))).toBe(vector.message)
    for (const vector of invalid)
      await expect(unwrap(vector), vector.name).rejects.toMatchObject({ code: vector.error })
  })

  test('receipts verify to their head, or fail as they should', async () => {
    const { relayKey, valid, invalid } = await read('receipt.json')
    const verify = async (encoded: string) => verifyReceipt(testCrypto, hex(relayKey), decodeReceipt(hex(encoded)))
    for (const { encoded, head } of valid) expect(toHex(await verify(encoded))).toBe(head)
    for (const { name, encoded, error } of invalid as Invalid[])
      await expect(verify(encoded), name).rejects.toMatchObject({ code: error })
  })

  test('commit frames verify, or fail as they should', async () => {
    const { topicKey, encoded: good, keyed, approval, invalid } = await read('commit-frame.json')
    const verify = async (encoded: string) =>
      verifyCommitFrame(testCrypto, decodeCommitFrame(hex(encoded)), hex(topicKey))
    await verify(good)
    for (const { name, encoded, frame } of keyed) {
      const opened = decodeCommitFrame(hex(encoded))
      expect(opened.commitKey && toHex(opened.commitKey), name).toBe(frame.commitKey)
      await verify(encoded)
    }
    await verifyApproval(testCrypto, hex(keyed[0].encoded), hex(approval.commitKey), hex(approval.signature))
    for (const { encoded } of [{ encoded: good }, keyed[1]])
      await expect(
        verifyApproval(testCrypto, hex(encoded), hex(approval.commitKey), hex(approval.signature)),
      ).rejects.toMatchObject({ code: 'crypto/bad-signature' })
    for (const { name, encoded, error } of invalid as Invalid[])
      await expect(verify(encoded), name).rejects.toMatchObject({ code: error })
  })
})
