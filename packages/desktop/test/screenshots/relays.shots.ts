import { afterAll, beforeAll, test } from 'vitest'
import { leaveStop, openRelays } from '../app/relay-stops.ts'
import { describeApp } from '../app/support.ts'
import { SIZES, shoot } from './shoot.ts'

describeApp('pictures of relays', () => {
  let opened: Awaited<ReturnType<typeof openRelays>>

  beforeAll(async () => {
    opened = await openRelays()
  }, 300_000)
  afterAll(() => opened.close())

  test('where somebody decides about them', async () => {
    const { ann, stops } = opened
    const sizes = [...SIZES, { width: 320, height: 640 }]
    for (const size of sizes)
      for (const { name, go } of stops) {
        await ann.setViewportSize(size)
        await leaveStop(ann)
        await go(ann)
        await shoot(ann, name, { sizes: [size] })
      }
  }, 600_000)
})
