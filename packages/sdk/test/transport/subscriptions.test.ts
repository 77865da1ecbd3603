import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coded, linkTo, relayWith, until } from './support.ts'
import { entryAt, servesTopic, TOPIC, testRelay } from './test-relay.ts'

describe('subscriptions', () => {
  test('resume without loss or repetition, wherever the connection breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), async (cuts) => {
        const relay = await testRelay({ handle: servesTopic(100, (nth) => cuts[nth] ?? Number.POSITIVE_INFINITY) })
        const link = linkTo(relay.url)
        const seen: number[] = []
        for await (const { receipt } of link.subscribe('topic', { topic: TOPIC, after: 3 })) {
          seen.push(receipt.seq)
          if (receipt.seq === 100) break
        }
        expect(seen).toEqual(Array.from({ length: 97 }, (_, i) => i + 4))
        await link.close()
        await relay.close()
      }),
      { numRuns: 12 },
    )
  })

  test('an entry that the relay repeats is not handed out twice: the subscription ends with relay/repeated-entry', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type === 'subscribe')
          for (const seq of [1, 2, 2, 1, 3]) peer.send({ type: 'item', id: frame.id, item: entryAt(seq) })
      },
    })
    const seen: number[] = []
    const reading = (async () => {
      for await (const { receipt } of linkTo(relay.url).subscribe('topic', { topic: TOPIC, after: 0 }))
        seen.push(receipt.seq)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'relay/repeated-entry', details: { seq: 2, relay: relay.url } })
    expect(seen).toEqual([1, 2])
  })

  test('nothing is sent beyond what was consumed plus the window', async () => {
    const relay = await relayWith({ window: 4, handle: servesTopic(100, () => Number.POSITIVE_INFINITY) })
    const items = linkTo(relay.url).subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    const peer = await (async () => {
      expect((await items.next()).value?.receipt.seq).toBe(1)
      return relay.peer()
    })()
    expect(await peer.frame('subscribe')).toMatchObject({ credit: 4 })
    expect(peer.of('credit')).toEqual([])
    await items.next()
    expect(await peer.frame('credit')).toMatchObject({ credit: 2 })
    for (let i = 0; i < 40; i++) await items.next()
    const given = () => peer.of('credit').reduce((sum, { credit }) => sum + credit, 0)
    await peer.frame('credit', 20)
    expect(given()).toBe(42)
  })

  test('a relay that exceeds its credit loses the connection', async () => {
    const relay = await relayWith({
      window: 2,
      handle: (peer, frame) => {
        if (frame.type === 'subscribe' && relay.peers.length === 1)
          for (let seq = 1; seq <= 5; seq++) peer.send({ type: 'item', id: frame.id, item: entryAt(seq + 10) })
      },
    })
    const link = linkTo(relay.url)
    const items = link.subscribe('topic', { topic: TOPIC, after: 10 })[Symbol.asyncIterator]()
    void items.next()
    expect(await until(link, 'waiting')).toMatchObject({ reason: 'it does not speak this protocol' })
    expect(await (await relay.peer(1)).frame('subscribe')).toMatchObject({ params: { after: 11 } })
  })

  test('end with the error of the relay after what came before it, once', async () => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type !== 'subscribe') return
        peer.send({ type: 'item', id: frame.id, item: entryAt(1) })
        peer.send({ type: 'end', id: frame.id, code: 'relay/not-permitted', details: { what: 'reading' } })
      },
    })
    const items = linkTo(relay.url).subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    expect((await items.next()).value?.receipt.seq).toBe(1)
    await expect(items.next()).rejects.toEqual(coded('relay/not-permitted', { what: 'reading' }))
    expect(await items.next()).toEqual({ value: undefined, done: true })
  })

  test.each([
    ['of a wrong shape', { nothing: 1 }],
    ['of another topic', { ...entryAt(1), receipt: { ...entryAt(1).receipt, topic: new Uint8Array(32) } }],
  ])('an item %s ends the subscription, not the link', async (_, item) => {
    const relay = await relayWith({
      handle: (peer, frame) => {
        if (frame.type === 'subscribe') peer.send({ type: 'item', id: frame.id, item })
      },
    })
    const link = linkTo(relay.url)
    const items = link.subscribe('topic', { topic: TOPIC, after: 0 })[Symbol.asyncIterator]()
    await expect(items.next()).rejects.toEqual(coded('protocol/malformed'))
    await (await relay.peer()).frame('unsubscribe')
    expect(link.state.state).toBe('ready')
  })

  test('end with the reason of their signal, and when the consumer leaves; the relay is told', async () => {
    const relay = await relayWith({ handle: servesTopic(3, () => Number.POSITIVE_INFINITY) })
    const link = linkTo(relay.url)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = (async () => {
      for await (const { receipt } of link.subscribe(
        'topic',
        { topic: TOPIC, after: 0 },
        { signal: controller.signal },
      ))
        if (receipt.seq === 3) controller.abort(reason)
    })()
    await expect(aborted).rejects.toBe(reason)
    await (await relay.peer()).frame('unsubscribe')
    const items = link.subscribe('topic', { topic: TOPIC, after: 3 })[Symbol.asyncIterator]()
    const pending = items.next()
    await (await relay.peer()).frame('subscribe', 1)
    await items.return?.()
    expect(await pending).toEqual({ value: undefined, done: true })
    await (await relay.peer()).frame('unsubscribe', 1)
  })
})
