import { expect, test } from 'vitest'
import { host } from '#host'
import type { ClientEvent } from '../../src/index.ts'
import { person } from './support.ts'

const WAIT = { timeout: 90_000 }

test('a relay that was restored from an older copy gets back what it lost, from those who hold it', async () => {
  await using relay = await host.rewindableRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b = bob.client
  await a.connect()
  await b.connect()
  const chat = await a.conversations.dm(b.address)
  await chat.send('one', { wait: 'delivered', ...WAIT })
  await relay.stop()
  await relay.keep()
  await relay.start()
  await chat.send('two', { wait: 'delivered', ...WAIT })
  await chat.send('three', { wait: 'delivered', ...WAIT })
  const faults: ClientEvent[] = []
  const over = new AbortController()
  // Whoever comes back first gives everything back; the other one finds nothing missing.
  const watching = [a, b].map(async (client) => {
    for await (const event of client.events({ signal: over.signal }))
      if (event.type === 'relay-fault') faults.push(event)
  })
  await relay.stop()
  await relay.rewind()
  await relay.start()
  await chat.send('four', { wait: 'delivered', ...WAIT })
  over.abort()
  await Promise.allSettled(watching)
  expect(faults).toContainEqual(expect.objectContaining({ type: 'relay-fault', code: 'relay/lost-entries' }))
  expect(faults).not.toContainEqual(expect.objectContaining({ code: 'relay/equivocation' }))
})
