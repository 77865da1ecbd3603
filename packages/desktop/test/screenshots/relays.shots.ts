import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Page } from 'playwright'
import { afterAll, beforeAll, test } from 'vitest'
import { longAddress } from '../app/long-address.ts'
import { leaveStop, meetBob, relayStops } from '../app/relay-stops.ts'
import { describeApp, openApp } from '../app/support.ts'
import { SIZES, shoot } from './shoot.ts'

describeApp('pictures of relays', () => {
  let relays: [TestRelay, TestRelay, TestRelay]
  let app: Awaited<ReturnType<typeof openApp>>
  let ann: Page
  let second: string
  let proxy: Awaited<ReturnType<typeof longAddress>>

  beforeAll(async () => {
    relays = await Promise.all([startTestRelay(), startTestRelay(), startTestRelay({ policy: 'invitation' })])
    app = await openApp(relays[0].url)
    proxy = await longAddress(relays[1].url)
    second = proxy.url
    ann = await meetBob(app, second)
  }, 300_000)
  afterAll(async () => {
    await app.close()
    await proxy.close()
    await Promise.all(relays.map((relay) => relay.close()))
  })

  test('where somebody decides about them', async () => {
    const sizes = [...SIZES, { width: 320, height: 640 }]
    for (const size of sizes)
      for (const { name, go } of relayStops(second, relays[2].url)) {
        await ann.setViewportSize(size)
        await leaveStop(ann)
        await go(ann)
        await shoot(ann, name, { sizes: [size] })
      }
  }, 600_000)
})
