import { expect, test } from 'vitest'
import { broadcastChannels } from '../../../src/adapters/channels/broadcast-channel.ts'
import { webLocks } from '../../../src/adapters/locks/web-locks.ts'

test('a platform without locks says so by a typed error', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator')
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true })
  try {
    expect(() => webLocks()).toThrow(expect.objectContaining({ code: 'storage/unavailable' }))
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator')
    else Object.defineProperty(globalThis, 'navigator', before)
  }
})

test('channels reach others and not who speaks, in order, and are silent after the end', async () => {
  const channels = broadcastChannels()
  const [one, two] = [channels.open('order'), channels.open('order')]
  const heard: unknown[] = []
  one.listen(() => heard.push('an echo'))
  const all = new Promise<void>((resolve) => {
    two.listen((message) => {
      heard.push(message)
      if (heard.length === 3) resolve()
    })
  })
  for (const message of [1, { two: new Uint8Array([2]) }, 'three']) one.post(message)
  await all
  expect(heard).toEqual([1, { two: new Uint8Array([2]) }, 'three'])
  one.close()
  one.post('late')
  two.close()
})
