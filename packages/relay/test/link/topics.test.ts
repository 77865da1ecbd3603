import { matchesReceipt, toHex, verifyReceipt } from '@dchat/sdk/wire'
import { describe, expect, test } from 'vitest'
import { testClock, testCrypto } from '../support/crypto.ts'
import { client, codeOf, member, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'
import { testTopic } from '../support/topic.ts'

describe.each(['memory', 'sqlite'])('topics on the %s store', (kind) => {
  const start = async () => relay(kind === 'sqlite' ? { store: await tempDir() } : {})

  test('a published entry gets a receipt that verifies, and is read back as it was', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at, 3)
    const { entries, head } = await alice.request('topic.read', { topic: topic.id, after: 0, limit: 256 })
    expect(entries.map(({ receipt }) => receipt.seq)).toEqual([1, 2, 3])
    expect(entries.map(({ body }) => body && new TextDecoder().decode(body))).toEqual([
      'message 1',
      'message 2',
      'message 3',
    ])
    let previous: Uint8Array = new Uint8Array(32)
    for (const entry of entries) {
      expect(matchesReceipt(entry)).toBe(true)
      expect(toHex(entry.receipt.previous)).toBe(toHex(previous))
      previous = await verifyReceipt(testCrypto, at.relayKey, entry.receipt)
    }
    expect(head).toEqual({ seq: 3, epoch: 0 })
    expect(toHex((await alice.request('topic.head', { topic: topic.id })).head)).toBe(toHex(previous))
  })

  test('a known reference is answered with its original receipt, also beside new entries and across epochs', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at)
    const first = topic.message(0, 'once')
    const {
      receipts: [original],
    } = await alice.request('topic.publish', { topic: topic.id, entries: [first] })
    const again = await alice.request('topic.publish', {
      topic: topic.id,
      entries: [first, topic.message(0, 'two'), first],
    })
    expect(again.receipts[0]).toEqual(original)
    expect(again.receipts[2]).toEqual(original)
    expect(again.receipts[1]?.seq).toBe(2)
    const commit = await topic.commit(0, { removes: true })
    const {
      receipts: [committed],
    } = await alice.request('topic.publish', { topic: topic.id, entries: [commit] })
    const repeated = await alice.request('topic.publish', { topic: topic.id, entries: [commit] })
    expect(repeated.receipts[0]).toEqual(committed)
    const late = await alice.request('topic.publish', { topic: topic.id, entries: [first] })
    expect(late.receipts[0]).toEqual(original)
  })

  test('of two commits for one epoch the first wins, the other learns the current epoch', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at)
    const bob = await client(at)
    await bob.prove('topic', topic.id, topic.seed(0))
    const commits = await Promise.all([topic.commit(0), topic.commit(0, { nextKey: testCrypto.random(32) })])
    const outcomes = await Promise.all([
      codeOf(alice.request('topic.publish', { topic: topic.id, entries: [commits[0]] })),
      codeOf(bob.request('topic.publish', { topic: topic.id, entries: [commits[1]] })),
    ])
    expect(outcomes.sort()).toEqual(['no error', 'relay/wrong-epoch'])
  })

  test('a commit is stored with its attachments, or nothing of it is', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at)
    const blob = { id: testCrypto.random(16), body: testCrypto.random(3000) }
    const attach = [blob]
    const commit = await topic.commit(0, { attach })
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, entries: [commit] }))).toBe(
      'protocol/malformed',
    )
    expect(await codeOf(alice.request('blob.get', { id: blob.id }))).toBe('relay/unknown-blob')
    await alice.request('topic.publish', { topic: topic.id, entries: [commit], attach })
    expect(toHex((await alice.request('blob.get', { id: blob.id })).body)).toBe(toHex(blob.body))
    await alice.prove('topic', topic.id, topic.seed(1))
    const next = await topic.commit(1, { attach })
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, entries: [next], attach }))).toBe(
      'relay/conflict',
    )
  })

  test('a commit frame by another key, for another epoch or with a used key is refused', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at)
    const publish = async (entry: Awaited<ReturnType<typeof topic.commit>>) =>
      codeOf(alice.request('topic.publish', { topic: topic.id, entries: [entry] }))
    expect(await publish(await topic.commit(0, { signer: testCrypto.random(32) }))).toBe('crypto/bad-signature')
    expect(await publish(await topic.commit(1))).toBe('relay/wrong-epoch')
    expect(await publish(await topic.commit(0, { nextKey: await topic.key(0) }))).toBe('relay/conflict')
    expect(await publish({ ...(await topic.commit(0)), body: testCrypto.random(10) })).toBe('protocol/malformed')
    const { frame: _, ...bare } = await topic.commit(0)
    expect(await publish(bare)).toBe('protocol/malformed')
    expect((await alice.request('topic.head', { topic: topic.id })).seq).toBe(0)
  })

  test('where a commit has named a commit key, none goes without its approval, until one that has it lifts it', async () => {
    const store = kind === 'sqlite' ? await tempDir() : undefined
    const at = await relay(store === undefined ? {} : { store })
    const { client: alice, topic } = await member(at)
    const approver = testCrypto.random(32)
    const commitKey = await testCrypto.ed25519.publicKey(approver)
    const publish = async (of: typeof alice, entry: Awaited<ReturnType<typeof topic.commit>>) =>
      codeOf(of.request('topic.publish', { topic: topic.id, entries: [entry] }))
    expect(await publish(alice, await topic.commit(0, { commitKey }))).toBe('no error')
    await alice.prove('topic', topic.id, topic.seed(1))
    const wanted = await topic.commit(1)
    expect(await publish(alice, wanted)).toBe('relay/not-permitted')
    expect(await publish(alice, await topic.commit(1, { approver: testCrypto.random(32) }))).toBe(
      'crypto/bad-signature',
    )
    const other = await topic.commit(1, { approver })
    expect(await publish(alice, { ...wanted, ...(other.approval && { approval: other.approval }) })).toBe(
      'crypto/bad-signature',
    )
    expect(await publish(alice, await topic.commit(1, { commitKey: null }))).toBe('relay/not-permitted')
    expect(await publish(alice, topic.message(1, 'messages need none'))).toBe('no error')
    const approved = await topic.commit(1, { approver })
    expect(await publish(alice, approved)).toBe('no error')
    const { approval: _, ...again } = approved
    expect(await publish(alice, again)).toBe('no error')
    await alice.prove('topic', topic.id, topic.seed(2))
    expect(await publish(alice, await topic.commit(2))).toBe('relay/not-permitted')
    const next = testCrypto.random(32)
    const changed = { approver, commitKey: await testCrypto.ed25519.publicKey(next) }
    expect(await publish(alice, await topic.commit(2, changed))).toBe('no error')
    await alice.prove('topic', topic.id, topic.seed(3))
    expect(await publish(alice, await topic.commit(3, { approver }))).toBe('crypto/bad-signature')
    expect(await publish(alice, await topic.commit(3, { approver: next, commitKey: null }))).toBe('no error')
    await alice.prove('topic', topic.id, topic.seed(4))
    expect(await publish(alice, await topic.commit(4))).toBe('no error')
  })

  test('a request is all or nothing', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at)
    const entries = [topic.message(0, 'good'), topic.message(7, 'bad epoch')]
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, entries }))).toBe('relay/wrong-epoch')
    expect((await alice.request('topic.head', { topic: topic.id })).seq).toBe(0)
  })

  test('a topic is opened by the holder of its first key alone, and opening it again changes nothing', async () => {
    const at = await start()
    const topic = await testTopic()
    const alice = await client(at)
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, entries: [] }))).toBe('relay/unknown-topic')
    const create = await topic.create()
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, create, entries: [] }))).toBe(
      'relay/not-permitted',
    )
    await alice.prove('topic', topic.id, testCrypto.random(32))
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, create, entries: [] }))).toBe(
      'relay/not-permitted',
    )
    await alice.prove('topic', topic.id, topic.seed(0))
    const squat = { ...create, nonce: testCrypto.random(16) }
    expect(await codeOf(alice.request('topic.publish', { topic: topic.id, create: squat, entries: [] }))).toBe(
      'relay/not-permitted',
    )
    await alice.request('topic.publish', { topic: topic.id, create, entries: [topic.message(0)] })
    await alice.request('topic.publish', { topic: topic.id, create, entries: [topic.message(0)] })
    expect((await alice.request('topic.head', { topic: topic.id })).seq).toBe(2)
  })

  test('keys open what they may: nothing without a proof, everything up to a removal, the rest with the next key', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at, 2)
    await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(0)] })
    await alice.prove('topic', topic.id, topic.seed(1))
    await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(1, { removes: true })] })
    await alice.prove('topic', topic.id, topic.seed(2))
    await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(2, 'after the removal')] })

    const removed = await client(at)
    const read = (who: typeof removed) => who.request('topic.read', { topic: topic.id, after: 0, limit: 256 })
    expect(await codeOf(read(removed))).toBe('relay/not-permitted')
    expect(await codeOf(removed.prove('topic', topic.id, testCrypto.random(32)))).toBe('relay/not-permitted')
    await removed.prove('topic', topic.id, topic.seed(0))
    const seen = await read(removed)
    expect(seen.entries.map(({ receipt }) => receipt.seq)).toEqual([1, 2, 3, 4])
    expect(seen.head).toEqual({ seq: 4, epoch: 2 })
    expect((await removed.request('topic.head', { topic: topic.id })).seq).toBe(4)
    expect(await codeOf(removed.request('topic.publish', { topic: topic.id, entries: [topic.message(1)] }))).toBe(
      'relay/not-permitted',
    )
    expect(await codeOf(removed.request('signal.send', { topic: topic.id, body: new Uint8Array(1) }))).toBe(
      'relay/not-permitted',
    )
    await removed.prove('topic', topic.id, topic.seed(2))
    expect((await read(removed)).entries).toHaveLength(5)
  })

  test('the key of the epoch before writes messages until a removal lies between', async () => {
    const at = await start()
    const { client: alice, topic } = await member(at)
    const slow = await client(at)
    await slow.prove('topic', topic.id, topic.seed(0))
    await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(0)] })
    await slow.request('topic.publish', { topic: topic.id, entries: [topic.message(0, 'a little late')] })
    await alice.prove('topic', topic.id, topic.seed(1))
    await slow.prove('topic', topic.id, topic.seed(1))
    await alice.request('topic.publish', { topic: topic.id, entries: [await topic.commit(1, { removes: true })] })
    expect(await codeOf(slow.request('topic.publish', { topic: topic.id, entries: [topic.message(1)] }))).toBe(
      'relay/wrong-epoch',
    )
  })

  test('times never go back though the clock does', async () => {
    const clock = testClock()
    const at = await relay({ clock, ...(kind === 'sqlite' ? { store: await tempDir() } : {}) })
    const { client: alice, topic } = await member(at, 1)
    clock.offset -= 3_600_000
    const { receipts } = await alice.request('topic.publish', { topic: topic.id, entries: [topic.message(0)] })
    const { entries } = await alice.request('topic.read', { topic: topic.id, after: 0, limit: 2 })
    expect(receipts[0]?.time).toBe(entries[0]?.receipt.time)
  })
})
