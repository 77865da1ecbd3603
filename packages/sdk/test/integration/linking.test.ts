import { describe, expect, test } from 'vitest'
import { host } from '#host'
import { type Client, createClient } from '../../src/index.ts'
import { type Between, between, codeOf, isOpen, reopenBetween, secondDevice, waitingDevice } from './link-support.ts'
import { next, person, testRelay, texts } from './support.ts'

test.each(['qr', 'code'] as const)('a device linked by %s is in the conversation, before and after', async (way) => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b1 = bob.client
  await b1.connect()
  await a.connect()
  const chat = await a.conversations.dm(b1.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })

  const waiting = await waitingDevice(relay)
  const pending = await b1.devices.link((await waiting.shown)[way])
  expect(pending.deviceName).toBe('laptop')
  const approved = await pending.approve()
  await using b2 = await waiting.linked
  expect(waiting.steps.map(({ step }) => step)).toEqual(['waiting', 'found', 'approved'])
  expect([b2.address, b2.device]).toEqual([b1.address, approved.id])
  expect(approved).toMatchObject({ name: 'laptop', isThis: false, revoked: false })
  expect(await b2.devices.list()).toEqual([
    expect.objectContaining({ id: b1.device, isThis: false }),
    expect.objectContaining({ id: b2.device, isThis: true, holdsRoot: false, name: 'laptop' }),
  ])

  await b2.connect()
  await isOpen(b2)
  await (await b2.conversations.dm(a.address)).send('from the second', { wait: 'sent', timeout: 90_000 })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'from the second' })
  await chat.send('two', { wait: 'sent', timeout: 90_000 })
  await Promise.all([a.sync(), b1.sync(), b2.sync()])
  expect(await texts(b1)).toEqual(['one', 'from the second', 'two'])
  expect((await texts(b2)).slice(-2)).toEqual(['from the second', 'two'])
})

test('a device that was linked links another one with the recovery phrase, and with nothing else', async () => {
  await using relay = await testRelay()
  const bob = await person(relay)
  await using b1 = bob.client
  await b1.connect()
  await using b2 = await secondDevice(b1, relay)
  const waiting = await waitingDevice(relay)
  const pending = await b2.devices.link((await waiting.shown).code)
  expect(await codeOf(pending.approve())).toBe('identity/needs-phrase')
  const stranger = (await person(relay)).phrase
  expect(await codeOf(pending.approve({ phrase: stranger }))).toBe('identity/bad-phrase')
  await pending.approve({ phrase: bob.phrase, name: 'tablet' })
  await using b3 = await waiting.linked
  expect((await b2.devices.list()).map(({ id, name }) => [id, name])).toContainEqual([b3.device, 'tablet'])
})

test('a code that nobody shows, a wrong one, and a refusal: each side is told which, and nobody is let in', async () => {
  await using relay = await testRelay()
  const bob = await person(relay)
  await using b1 = bob.client
  await b1.connect()
  const first = await waitingDevice(relay)
  const { code } = await first.shown
  const other = (at: number) => {
    const letters = [...code]
    letters[at] = letters[at] === '7' ? '8' : '7'
    return letters.join('')
  }
  expect(await codeOf(b1.devices.link('not a code'))).toBe('usage/invalid-argument')
  // The first letters say where; nobody waits there, and nothing was lost.
  expect(await codeOf(b1.devices.link(other(0)))).toBe('identity/no-such-link')
  // The rest is the secret: there is one guess.
  expect(await codeOf(b1.devices.link(other(10)))).toBe('identity/wrong-link-code')
  expect(await codeOf(first.linked)).toBe('identity/wrong-link-code')
  expect(await codeOf(b1.devices.link(code))).toBe('identity/wrong-link-code')

  const second = await waitingDevice(relay)
  await (await b1.devices.link((await second.shown).qr)).refuse()
  expect(await codeOf(second.linked)).toBe('identity/link-refused')
  expect(await b1.devices.list()).toHaveLength(1)
})

describe('a relay in the middle that changes a message', () => {
  const another = (body: Uint8Array) => body.map((byte, at) => (at === body.length - 20 ? byte ^ 1 : byte))
  /** The highest bit of a share is never set: what it says is no point any more. */
  const none = (body: Uint8Array) => body.map((byte, at) => (at === body.length - 1 ? byte ^ 0x80 : byte))
  const places = [
    ['new', 0, ['identity/wrong-link-code', 'identity/wrong-link-code'], 1, none],
    ['new', 0, ['identity/wrong-link-code', 'identity/wrong-link-code'], 1, another],
    ['old', 0, ['identity/wrong-link-code', 'identity/wrong-link-code'], 1, another],
    ['new', 1, ['identity/wrong-link-code', undefined], 1, another],
    ['old', 1, [undefined, 'crypto/cannot-decrypt'], 2, another],
    ['new', 2, ['crypto/cannot-decrypt', 'no error'], 2, another],
  ] as const
  test.each(places)(
    '%s %i: it is found out, and lets nobody in',
    async (side, index, [old, fresh], devices, flipped) => {
      await using relay = await testRelay()
      const bob = await person(relay)
      await bob.client.connect()
      await bob.client.close()
      const evil = between(host.transport(), async (ask, method, params) => {
        const result = await ask(method, params)
        if (method !== 'rendezvous.get') return result
        const { body } = result as { body: Uint8Array | null }
        const given = params as { side: string; index: number }
        const hit = body !== null && given.side === side && given.index === index
        return hit ? ({ body: flipped(body) } as never) : result
      })
      const b1 = await reopenBetween(bob.place, async (ask, method, params) => {
        const result = await ask(method, params)
        const given = params as { side?: string; index?: number }
        if (method !== 'rendezvous.get' || given.side !== side || given.index !== index) return result
        const { body } = result as { body: Uint8Array | null }
        return body === null ? result : ({ body: flipped(body) } as never)
      })
      await b1.connect()
      const stop = new AbortController()
      const waiting = await waitingDevice(relay, { transport: evil, signal: stop.signal })
      const pending = b1.devices.link((await waiting.shown).qr)
      const approved = pending.then((found) => found.approve({ signal: stop.signal }))
      approved.catch(() => undefined)
      if (fresh !== undefined) expect(await codeOf(waiting.linked)).toBe(fresh)
      if (old !== undefined) expect(await codeOf(approved)).toBe(old)
      stop.abort(new Error('the test is over'))
      await codeOf(waiting.linked)
      expect(await b1.devices.list()).toHaveLength(devices)
      await waiting.linked.then((client: Client) => client.close()).catch(() => undefined)
      await b1.close()
    },
  )
})

describe('killed between any two steps', () => {
  /** Dies at the n-th request of linking: before it leaves, or after it was answered. */
  const dying = (n: number, after: boolean, counts: (method: string) => boolean) => {
    const killed = new AbortController()
    let seen = 0
    const die = () => {
      killed.abort(new Error('killed'))
      return Promise.reject(new Error('killed'))
    }
    const act: Between = async (ask, method, params) => {
      const hit = counts(method) && ++seen === n
      if (hit && !after) return die()
      const result = await ask(method, params)
      return hit ? die() : result
    }
    return { signal: killed.signal, act }
  }

  test.each([1, 2, 3, 4, 5, 6, 7])('the new device, at its request %i: it goes on with the same keys', async (n) => {
    await using relay = await testRelay()
    await using b1 = (await person(relay)).client
    await b1.connect()
    // The third request waits for an answer by the short code, the fourth for one by the QR text.
    const way = n === 3 ? 'code' : 'qr'
    for (const after of [false, true]) {
      const place = { storage: await host.storage(), storeKey: host.crypto().random(32) }
      const { signal, act } = dying(n, after, (method) => method.startsWith('rendezvous.'))
      const first = await waitingDevice(relay, { place, transport: between(host.transport(), act), signal })
      const approving = first.shown.then(async (shown) => (await b1.devices.link(shown[way])).approve())
      approving.catch(() => undefined)
      expect(await codeOf(first.linked)).toBe('killed')
      const again = await waitingDevice(relay, { place })
      // Where it had shown nothing yet, the old device sees its code now.
      if (first.steps.length === 0) await (await b1.devices.link((await again.shown).qr)).approve()
      const b2 = await again.linked
      expect((await b1.devices.list()).filter(({ id }) => id === b2.device)).toHaveLength(1)
      await b2.close()
    }
    expect(await b1.devices.list()).toHaveLength(3)
  })

  const requests = ['rendezvous.put', 'rendezvous.get', 'identity.put', 'identity.get']
  test.each([1, 2, 3, 4, 5, 6, 7])('the old device, at its request %i: the same code goes on, one entry', async (n) => {
    await using relay = await testRelay()
    const bob = await person(relay)
    await bob.client.connect()
    await bob.client.close()
    for (const after of [false, true]) {
      let linking = false
      const { signal, act } = dying(n, after, (method) => linking && requests.includes(method))
      const b1 = await reopenBetween(bob.place, act)
      await b1.connect()
      linking = true
      const waiting = await waitingDevice(relay)
      const { qr } = await waiting.shown
      const approving = b1.devices.link(qr, { signal }).then((found) => found.approve({ signal }))
      expect(await codeOf(approving)).toBe('killed')
      await b1.close()
      await using back = await createClient({ ...bob.place })
      await back.connect()
      const approved = await (await back.devices.link(qr)).approve()
      await using b2 = await waiting.linked
      expect(approved.id).toBe(b2.device)
      expect((await back.devices.list()).filter(({ id }) => id === b2.device)).toHaveLength(1)
    }
  })
})
