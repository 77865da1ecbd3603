import { expect, test } from 'vitest'
import { past } from './history-support.ts'
import { secondDevice } from './link-support.ts'
import { person, testRelay } from './support.ts'

test('what is said while a new device takes the past and comes into its rooms is there once, in order, on both', {
  timeout: 180_000,
}, async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(bob.client.address)
  for (let n = 0; n < 40; n++) await chat.send(`before ${n}`)
  await chat.send('linking', { wait: 'delivered', timeout: 90_000 })
  let isOver = false
  const talking = (async () => {
    for (let n = 0; !isOver; n++) {
      await chat.send(`meanwhile ${n}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await chat.send('last', { wait: 'delivered', timeout: 60_000 })
  })()
  await using second = await secondDevice(bob.client, relay)
  await past(second)
  isOver = true
  await talking
  const all = async (client: typeof second) => {
    const [conversation] = (await client.conversations.list()).items
    const { items } = await client.messages.list(conversation?.id as never, { limit: 1_000 })
    return items.map(({ id }) => id)
  }
  const wanted = await all(bob.client)
  expect(new Set(wanted).size).toBe(wanted.length)
  const over = Date.now() + 90_000
  while (Date.now() < over && (await all(second)).length < wanted.length)
    await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await all(second)).toEqual(wanted)
  await bob.client.close()
  await alice.client.close()
})
