import { expect, test } from 'vitest'
import type { Client } from '../../../src/client/client.ts'
import { DchatError } from '../../../src/errors.ts'
import type { Address } from '../../../src/records/ids.ts'
import { CHAT, textOf } from './model.ts'
import { LOCK, Stage, settle } from './support.ts'

const ack = async (stage: Stage, client: Client, text: string) => {
  const sent = client.messages.send(CHAT, text)
  await settle()
  await stage.clock.advance(0)
  return textOf(await sent)
}

test('the second tab works through the first, and takes over when that closes', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  const first = await stage.client(one)
  const second = await stage.client(two)
  expect(second.address).toBe(first.address)
  expect(await ack(stage, second, 'a')).toBe('a')
  expect(stage.origin.holderOf(LOCK)).toBe(one)
  await first.close()
  expect(await ack(stage, second, 'b')).toBe('b')
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  await second.close()
  expect(stage.store.written).toEqual(['a', 'b'])
  expect(stage.origin.held).toEqual([])
  expect(stage.faults).toEqual([])
})

test('a call whose owner dies is made again of the next one, and done once', async () => {
  const stage = new Stage()
  const tabs = [stage.tab(), stage.tab(), stage.tab()] as const
  const [, , third] = [await stage.client(tabs[0]), await stage.client(tabs[1]), await stage.client(tabs[2])]
  const sends = Array.from({ length: 20 }, (_, n) => third.messages.send(CHAT, `m${n}`))
  await settle(3)
  tabs[0].kill()
  await settle(5)
  tabs[1].kill()
  const done = await Promise.all(sends)
  expect(done.map(textOf)).toEqual(Array.from({ length: 20 }, (_, n) => `m${n}`))
  expect([...stage.store.written].sort()).toEqual(done.map(textOf).sort())
  expect(stage.faults).toEqual([])
})

test('a stream of messages goes on after the last one that was handed out', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  const second = await stage.client(two)
  const found: string[] = []
  for (const text of ['1', '2', '3']) stage.store.arrive(text)
  const reading = (async () => {
    for await (const message of second.messages.stream()) {
      found.push(textOf(message))
      if (found.length === 2) one.kill()
      if (found.length === 6) break
    }
  })()
  await settle()
  for (const text of ['4', '5', '6']) stage.store.arrive(text)
  await reading
  expect(found).toEqual(['1', '2', '3', '4', '5', '6'])
  // The last one was handed out, and never acknowledged: nobody asked for the next.
  expect(stage.store.acks.get('default')).toBe(5)
})

test("a stream from 'now' misses nothing that comes while the store changes hands", async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  const second = await stage.client(two)
  stage.store.arrive('before')
  const next = second.messages.stream({ after: 'now' })[Symbol.asyncIterator]().next()
  await settle()
  one.kill()
  stage.store.arrive('after')
  expect(textOf((await next).value)).toBe('after')
})

test('apps are told that the owner changed', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  const second = await stage.client(two)
  const event = second.events()[Symbol.asyncIterator]().next()
  await settle()
  one.kill()
  expect((await event).value).toEqual({ type: 'owner-changed' })
})

test('whoever takes over connects, if some tab had called connect', async () => {
  const stage = new Stage()
  const [one, two, three] = [stage.tab(), stage.tab(), stage.tab()]
  await stage.client(one)
  await stage.client(two)
  const third = await stage.client(three)
  await third.connect()
  expect(stage.store.connects).toBe(1)
  // Though the tab that asked for it is no more: the connection is the store's.
  three.kill()
  one.kill()
  await settle()
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  expect(stage.store.connects).toBe(2)
})

test('errors cross as they are, and a signal ends a call with its own reason', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  const second = await stage.client(two)
  await expect(second.conversations.get(CHAT)).rejects.toMatchObject({
    name: 'DchatError',
    code: 'conversation/unknown',
    details: { conversation: CHAT },
  })
  const reason = new Error('enough')
  const over = new AbortController()
  const call = second.messages.send(CHAT, 'x', { signal: over.signal })
  over.abort(reason)
  await expect(call).rejects.toBe(reason)
  const changes = second.messages.changes({ signal: AbortSignal.abort(reason) })[Symbol.asyncIterator]()
  await expect(changes.next()).rejects.toBe(reason)
  const content = { type: 'text', text: 'x', more: () => undefined } as never
  await expect(second.messages.send(CHAT, content)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
})

test('the first failure reaches whoever asked, and the next in line may do better', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  const open = async () => {
    throw new DchatError('identity/wrong-passphrase', {})
  }
  await expect(stage.client(one, { open })).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
  const second = await stage.client(two)
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  await second.close()
})

test('who names another identity, or cannot open the store itself, is not let in', async () => {
  const stage = new Stage()
  const first = await stage.client(stage.tab())
  const other = stage.client(stage.tab(), { address: 'dchat1other' as Address })
  await expect(other).rejects.toMatchObject({ code: 'identity/exists' })
  const admit = async () => {
    throw new DchatError('identity/locked', { profile: 'store' })
  }
  await expect(stage.client(stage.tab(), { admit })).rejects.toMatchObject({ code: 'identity/locked' })
  const third = await stage.client(stage.tab(), { address: first.address, admit: async () => undefined })
  expect(await ack(stage, third, 'in')).toBe('in')
})

test('who cannot open the store is told so when its turn comes, and works again when another tab can', async () => {
  const stage = new Stage()
  const [one, two, three] = [stage.tab(), stage.tab(), stage.tab()]
  await stage.client(one)
  const open = async () => {
    throw new DchatError('identity/locked', { profile: 'store' })
  }
  const second = await stage.client(two, { open })
  one.kill()
  await expect(second.messages.send(CHAT, 'x')).rejects.toMatchObject({ code: 'identity/locked' })
  await stage.client(three)
  await settle()
  expect(await ack(stage, second, 'y')).toBe('y')
})

test('an owner that does not answer loses the store, and works through the thief when it wakes', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  const first = await stage.client(one)
  const second = await stage.client(two)
  one.hang()
  stage.hung.add(one)
  const sent = second.messages.send(CHAT, 'late')
  await stage.clock.advance(14_000)
  await settle()
  expect(stage.origin.holderOf(LOCK)).toBe(one)
  await stage.clock.advance(8_000)
  expect(textOf(await sent)).toBe('late')
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  stage.hung.delete(one)
  one.wake()
  expect(await ack(stage, first, 'through the other')).toBe('through the other')
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  expect(stage.store.written).toEqual(['late', 'through the other'])
  expect(stage.faults).toEqual([])
})

test('a store that was taken past the lock is taken back for whoever asks for something', async () => {
  const stage = new Stage()
  const first = await stage.client(stage.tab())
  const second = await stage.client(stage.tab())
  stage.store.generation += 1
  expect(await ack(stage, first, 'here')).toBe('here')
  stage.store.generation += 1
  expect(await ack(stage, second, 'there')).toBe('there')
  expect(stage.store.written).toEqual(['here', 'there'])
  expect(stage.opened).toHaveLength(3)
})

test('an owner that is asked by nobody may be silent', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  await stage.client(two)
  one.hang()
  await stage.clock.advance(120_000)
  expect(stage.origin.holderOf(LOCK)).toBe(one)
})

test('a page that freezes lets go at once, and works through another when it resumes', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  const first = await stage.client(one)
  const second = await stage.client(two)
  const pending = first.messages.send(CHAT, 'begun')
  one.freeze()
  await settle()
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  expect(await ack(stage, second, 'meanwhile')).toBe('meanwhile')
  one.resume()
  expect(textOf(await pending)).toBe('begun')
  expect(stage.origin.holderOf(LOCK)).toBe(two)
  expect(stage.store.written.filter((text) => text === 'begun')).toHaveLength(1)
  expect(stage.faults).toEqual([])
})

test('an attached page that freezes does not stand in the way of others, and goes on when it resumes', async () => {
  const stage = new Stage()
  const [one, two, three] = [stage.tab(), stage.tab(), stage.tab()]
  await stage.client(one)
  const second = await stage.client(two)
  await stage.client(three)
  two.freeze()
  one.kill()
  await settle()
  expect(stage.origin.holderOf(LOCK)).toBe(three)
  two.resume()
  expect(await ack(stage, second, 'back')).toBe('back')
})

test('a store whose identity has expired is over for every tab', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  const open = async () => {
    throw new DchatError('identity/expired', {})
  }
  const second = await stage.client(two, { open })
  stage.opened[0]?.opening.ended()
  await settle()
  // The first one opens it again in this test; in a real one it would be told the same.
  one.kill()
  await expect(second.messages.send(CHAT, 'x')).rejects.toMatchObject({ code: 'identity/expired' })
})

test('two versions in two tabs fail clearly', async () => {
  const stage = new Stage()
  const [one, two] = [stage.tab(), stage.tab()]
  await stage.client(one)
  const heard: unknown[] = []
  const channel = two.channels.open(LOCK)
  channel.listen((message) => heard.push(message))
  channel.post({ dchat: 2, from: 'tab', type: 'hallo', who: 'me' })
  await settle()
  expect(heard).toContainEqual({ dchat: 1, from: 'owner', type: 'ready', term: expect.any(String) })
  const three = stage.tab()
  const third = await stage.client(three)
  channel.post({ dchat: 2, from: 'owner', type: 'anything' })
  await settle()
  await expect(third.messages.send(CHAT, 'x')).rejects.toMatchObject({
    code: 'protocol/unsupported-version',
    details: { found: [2], supported: [1] },
  })
})

test('after close everything is refused, streams end, and no lock stays', async () => {
  const stage = new Stage()
  const first = await stage.client(stage.tab())
  const second = await stage.client(stage.tab())
  const waiting = second.messages.stream()[Symbol.asyncIterator]().next()
  await settle()
  await second.close()
  await second.close()
  expect(await waiting).toEqual({ value: undefined, done: true })
  await expect(second.messages.send(CHAT, 'x')).rejects.toMatchObject({ code: 'usage/closed' })
  await first.close()
  await expect(first.messages.send(CHAT, 'x')).rejects.toMatchObject({ code: 'usage/closed' })
  expect(stage.origin.held).toEqual([])
})
