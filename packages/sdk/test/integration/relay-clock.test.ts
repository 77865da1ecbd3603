import { expect, test } from 'vitest'
import { member } from './life-support.ts'
import { testRelay } from './support.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

test('how far the clock of the home relay is from the own one is known once it answers, and again when it was put', async () => {
  const relay = await testRelay()
  const { client, clock } = await member(relay)
  try {
    expect(await client.links.ahead()).toBeUndefined()
    await client.connect()
    expect(Math.abs((await client.links.ahead()) ?? HOUR)).toBeLessThan(MINUTE)
    clock.advance(3 * HOUR)
    expect(Math.abs(((await client.links.ahead()) ?? 0) + 3 * HOUR)).toBeLessThan(MINUTE)
    await relay.close()
  } finally {
    await client.close()
  }
})
