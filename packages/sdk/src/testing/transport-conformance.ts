import { afterEach, describe, expect, test } from 'vitest'
import type { Crypto } from '../ports/crypto.ts'
import type { LinkState, Proof, RelayLink, Transport } from '../ports/transport.ts'
import { matchesReceipt, ZERO_HEAD } from '../protocol/topic/entry.ts'
import { type EpochKeys, epochKeysOf, topicKeyOf } from '../protocol/topic/epoch-keys.ts'
import { TOPIC_NONCE_LENGTH, topicIdOf } from '../protocol/topic/ids.ts'
import { createReceiptVerifier, type ReceiptVerifier } from '../protocol/topic/receipt.ts'
import { wrapEntry } from '../protocol/topic/wrap.ts'
import type { EntryUpload } from '../protocol/wire/methods.ts'
import type { RelayUrl } from '../records/ids.ts'
import { toHex } from '../util/bytes.ts'

/** A transport under test and a relay that it reaches. */
export interface TransportWorld {
  readonly transport: Transport
  readonly relay: RelayUrl
  readonly crypto: Pick<Crypto, 'random' | 'ed25519' | 'aead'>
  /** Breaks the connections that the transport has, without a word to either end. */
  cut(): void
  /** Stops the relay and starts it again with what it held. */
  restart(): Promise<void>
  close(): Promise<void>
}

interface Topic {
  readonly id: Uint8Array
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly keys: EpochKeys
  readonly proof: Proof
}

/**
 * What the port `Transport` promises, against a real relay. Runs under vitest; `open` makes a fresh world for each test.
 * Durations decide nothing here: a promise that is not kept shows as a wrong value or as the runner's own timeout.
 */
export const transportConformance = (name: string, open: () => Promise<TransportWorld>): void => {
  describe(`transport: ${name}`, () => {
    const opened: { close(): Promise<void> }[] = []
    afterEach(async () => {
      for (const resource of opened.splice(0).reverse()) await resource.close()
    })

    const begin = async (): Promise<{
      world: TransportWorld
      link: RelayLink
      topic: Topic
      verify: ReceiptVerifier
    }> => {
      const world = await open()
      opened.push(world)
      const link = world.transport.link(world.relay)
      opened.push(link)
      await link.ready()
      const topic = await newTopic(world.crypto)
      const verify = createReceiptVerifier(world.crypto, keyOf(link.state), world.relay)
      return { world, link, topic, verify }
    }

    test('a link is idle until it is used, then ready with a key, and closed for good', async () => {
      const world = await open()
      opened.push(world)
      const link = world.transport.link(world.relay)
      expect(link.state).toEqual({ state: 'idle' })
      await link.ready()
      expect(keyOf(link.state)).toHaveLength(32)
      await link.close()
      expect(link.state).toEqual({ state: 'closed' })
      await expect(link.request('relay.info', {})).rejects.toMatchObject({ code: 'usage/closed' })
    })

    test('errors of the relay arrive typed', async () => {
      const { link, topic } = await begin()
      await expect(link.request('topic.head', { topic: topic.id })).rejects.toMatchObject({
        code: 'relay/unknown-topic',
      })
      await expect(link.request('blob.get', { id: new Uint8Array(3) })).rejects.toMatchObject({
        code: 'protocol/malformed',
      })
    })

    test('requests made at once are answered each for itself, with receipts that verify', async () => {
      const { world, link, topic, verify } = await begin()
      await create(world, link, topic)
      const uploads = await Promise.all(Array.from({ length: 30 }, () => upload(world, topic)))
      const answers = await Promise.all(
        uploads.map((entry) => link.request('topic.publish', { topic: topic.id, entries: [entry] })),
      )
      const receipts = answers.flatMap(({ receipts: [...all] }) => all)
      expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 2))
      expect(await Promise.all(receipts.map(verify))).toHaveLength(30)
    })

    test('a subscription goes on over broken connections, without loss or repetition, its proofs repeated', async () => {
      const { world, link, topic, verify } = await begin()
      await create(world, link, topic)
      const total = 60
      const publishing = (async () => {
        for (let i = 1; i < total; i++) await persist(link, topic, await upload(world, topic))
      })()
      const seen: number[] = []
      let head: Uint8Array = ZERO_HEAD
      for await (const entry of link.subscribe('topic', { topic: topic.id, after: 0 })) {
        expect(matchesReceipt(entry)).toBe(true)
        expect(toHex(entry.receipt.previous)).toBe(toHex(head))
        head = await verify(entry.receipt)
        seen.push(entry.receipt.seq)
        if (seen.length % 20 === 10) world.cut()
        if (seen.length === total) break
      }
      await publishing
      expect(seen).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    })

    test('a restart of the relay is survived, and told as states', async () => {
      const { world, link, topic } = await begin()
      await create(world, link, topic)
      const states = link.states()[Symbol.asyncIterator]()
      await world.restart()
      const told: string[] = []
      while (told.at(-1) !== 'ready' || told.length < 2) told.push((await states.next()).value.state)
      expect(told[0]).toBe('ready')
      expect(told).toContain('waiting')
      await persist(link, topic, await upload(world, topic))
      expect((await link.request('topic.head', { topic: topic.id })).seq).toBe(2)
    })

    test('an abort ends requests and subscriptions with the reason of the signal', async () => {
      const { world, link, topic } = await begin()
      await create(world, link, topic)
      const controller = new AbortController()
      const reason = new Error('enough')
      const reading = (async () => {
        for await (const _ of link.subscribe('topic', { topic: topic.id, after: 0 }, controller))
          controller.abort(reason)
      })()
      await expect(reading).rejects.toBe(reason)
      await expect(link.request('relay.info', {}, controller)).rejects.toBe(reason)
      await expect(link.ready(controller)).rejects.toBe(reason)
    })

    test('what needs a proof is refused without one', async () => {
      const { world, link, topic } = await begin()
      await create(world, link, topic)
      await link.close()
      const stranger = world.transport.link(world.relay)
      opened.push(stranger)
      const read = stranger.request('topic.read', { topic: topic.id, after: 0, limit: 10 })
      await expect(read).rejects.toMatchObject({ code: 'relay/not-permitted' })
      await stranger.prove(topic.proof)
      const { entries } = await stranger.request('topic.read', { topic: topic.id, after: 0, limit: 10 })
      expect(entries.map(({ receipt }) => receipt.seq)).toEqual([1])
    })

    test('close ends a subscription that waits', async () => {
      const { world, link, topic } = await begin()
      await create(world, link, topic)
      const items = link.subscribe('topic', { topic: topic.id, after: 1 })[Symbol.asyncIterator]()
      const next = items.next()
      await link.close()
      expect(await next).toEqual({ value: undefined, done: true })
    })
  })
}

const keyOf = (state: LinkState): Uint8Array => {
  if (state.state !== 'ready') throw new Error(`the link is ${state.state}`)
  return state.relayKey
}

const newTopic = async (crypto: TransportWorld['crypto']): Promise<Topic> => {
  const keys = epochKeysOf(crypto.random(32))
  const key = await topicKeyOf(crypto, keys)
  const nonce = crypto.random(TOPIC_NONCE_LENGTH)
  const id = topicIdOf(key, nonce)
  const sign = (message: Uint8Array) => crypto.ed25519.sign(keys.topicSeed32, message)
  return { id, key, nonce, keys, proof: { kind: 'topic', subject: id, publicKey: key, sign } }
}

const upload = async ({ crypto }: TransportWorld, { id, keys }: Topic): Promise<EntryUpload> => {
  const context = { topic: id, kind: 'application' as const, epoch: 0 }
  const body = await wrapEntry(crypto, keys.wrapKey, context, crypto.random(40))
  return { kind: 'application', epoch: 0, reference: crypto.random(16), body }
}

/** Opens the topic with one entry. */
const create = async (world: TransportWorld, link: RelayLink, topic: Topic): Promise<void> => {
  await link.prove(topic.proof)
  await link.request('topic.publish', {
    topic: topic.id,
    create: { nonce: topic.nonce, key: topic.key, epoch: 0 },
    entries: [await upload(world, topic)],
  })
}

/** Repeats a publish until it is answered: the reference makes it safe. */
const persist = async (link: RelayLink, topic: Topic, entry: EntryUpload): Promise<void> => {
  while (true)
    try {
      await link.request('topic.publish', { topic: topic.id, entries: [entry] })
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'transport/unreachable') throw error
    }
}
