import { RENDEZVOUS_BODY_LIMIT, RENDEZVOUS_LIFETIME, RENDEZVOUS_MESSAGES } from '@dchat/sdk/wire'
import { describe, expect, test } from 'vitest'
import { Rendezvous } from '../../src/rendezvous.ts'
import type { TestClient } from '../support/client.ts'
import { testClock, testCrypto } from '../support/crypto.ts'
import { client, codeOf, relay } from '../support/relay.ts'

const slot = () => testCrypto.random(16)
const at = (place: Uint8Array, side: 'new' | 'old' = 'new', index = 0) => ({ slot: place, side, index })
const words = (text: string) => new TextEncoder().encode(text)

const put = (who: TestClient, place: ReturnType<typeof at>, body = words('hello')) =>
  who.request('rendezvous.put', { ...place, body })
const get = async (who: TestClient, place: ReturnType<typeof at>, wait = 0) =>
  (await who.request('rendezvous.get', { ...place, wait })).body

describe('a rendezvous', () => {
  test('takes messages of two sides, each at its place, from connections that showed no key', async () => {
    const here = await relay()
    const [one, other] = [await client(here), await client(here)]
    const place = slot()
    await put(one, at(place), words('from the new'))
    await put(other, at(place, 'old'), words('from the old'))
    await put(one, at(place, 'new', 1), words('again'))
    expect(await get(other, at(place))).toEqual(words('from the new'))
    expect(await get(one, at(place, 'old'))).toEqual(words('from the old'))
    expect(await get(other, at(place, 'new', 1))).toEqual(words('again'))
    expect(await get(other, at(place, 'old', 1))).toBeNull()
    expect(await get(other, at(slot()))).toBeNull()
  })

  test('is written once: the same again changes nothing, another message is refused', async () => {
    const here = await relay()
    const [one, other] = [await client(here), await client(here)]
    const place = slot()
    await put(one, at(place))
    await put(one, at(place))
    expect(await codeOf(put(other, at(place), words('mine')))).toBe('relay/conflict')
    expect(await get(one, at(place))).toEqual(words('hello'))
  })

  test('lets a reader wait for what is still to come, and answers with nothing when the time is over', async () => {
    const here = await relay()
    const [one, other] = [await client(here), await client(here)]
    const place = slot()
    const waiting = get(one, at(place), 30_000)
    // Other requests of the same connection are not held up.
    expect(await get(one, at(slot()), 1)).toBeNull()
    await put(other, at(place, 'old'), words('of the other side'))
    await put(other, at(place))
    expect(await waiting).toEqual(words('hello'))
  })

  test('is bounded on the wire', async () => {
    const one = await client(await relay())
    const wrong = [
      { ...at(testCrypto.random(15)), wait: 0 },
      { ...at(slot(), 'new', RENDEZVOUS_MESSAGES), wait: 0 },
      { ...at(slot()), wait: 30_001 },
    ]
    for (const params of wrong) expect(await codeOf(one.request('rendezvous.get', params))).toBe('protocol/malformed')
    expect(await codeOf(put(one, at(slot()), new Uint8Array(RENDEZVOUS_BODY_LIMIT + 1)))).toBe('protocol/malformed')
    await put(one, at(slot()), new Uint8Array(RENDEZVOUS_BODY_LIMIT))
  })

  test('costs whoever asks and leaves much, and has global bounds', async () => {
    const limits = { rendezvousSlots: 2, rendezvousBytes: 20, rendezvous: { perSecond: 0.001, burst: 6 } }
    const one = await client(await relay({ limits }))
    const place = slot()
    await put(one, at(place), new Uint8Array(12))
    expect(await codeOf(put(one, at(place, 'old'), new Uint8Array(9)))).toBe('relay/quota')
    await put(one, at(slot()), new Uint8Array(1))
    expect(await codeOf(put(one, at(slot()), new Uint8Array(1)))).toBe('relay/quota')
    expect(await codeOf(put(one, at(slot()), new Uint8Array(16 * 1024)))).toBe('transport/rate-limited')
    await get(one, at(place))
    await get(one, at(place))
    expect(await codeOf(get(one, at(place)))).toBe('transport/rate-limited')
  })

  test('is forgotten ten minutes after its first message, and its room is free again', () => {
    const clock = testClock()
    const held = new Rendezvous(clock, { slots: 1, bytes: 10 })
    held.put(at(slot()), new Uint8Array(10))
    clock.offset += RENDEZVOUS_LIFETIME - 1_000
    expect(held.size).toBe(1)
    expect(() => held.put(at(slot()), new Uint8Array(1))).toThrow()
    clock.offset += 2_000
    expect(held.size).toBe(0)
    held.put(at(slot()), new Uint8Array(10))
  })

  test('does not hold up a relay that ends', async () => {
    const here = await relay({ drainPatience: 60_000 })
    const one = await client(here)
    const waiting = get(one, at(slot()), 30_000)
    // The relay has the request once it answers the next one.
    await get(one, at(slot()))
    await here.close()
    expect(await waiting).toBeNull()
  })
})
