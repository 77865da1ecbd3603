import { expect, test } from 'vitest'
import { host } from '#host'
import type { ClientEvent } from '../../src/index.ts'
import { person } from './support.ts'

test('a relay that goes back to an older state is found out, and nothing is taken for sent', async () => {
  await using relay = await host.rewindableRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b = bob.client
  await a.connect()
  await b.connect()
  const chat = await a.conversations.dm(b.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  await relay.stop()
  await relay.keep()
  await relay.start()
  await chat.send('two', { wait: 'delivered', timeout: 90_000 })
  await chat.send('three', { wait: 'sent', timeout: 90_000 })

  const faults: ClientEvent[] = []
  const watching = (async () => {
    for await (const event of a.events({ signal: AbortSignal.timeout(120_000) }))
      if (event.type === 'relay-fault') {
        faults.push(event)
        return
      }
  })()
  await relay.stop()
  await relay.rewind()
  await relay.start()
  const four = await chat.send('four')
  await watching.catch(() => undefined)
  expect(faults).toMatchObject([{ type: 'relay-fault', code: 'relay/equivocation' }])
  expect((await a.messages.get(four.id))?.state).not.toBe('sent')
})
