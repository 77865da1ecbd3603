import { expect, test } from 'vitest'
import { host } from '#host'
import type { RelayHealth } from '../../src/index.ts'
import { member } from './life-support.ts'
import { testRelay } from './support.ts'

test('how a relay does is measured, kept over a restart, and told when it changes', async () => {
  const relay = await testRelay()
  const { client, clock, again } = await member(relay)
  const seen: (readonly RelayHealth[])[] = []
  const over = new AbortController()
  try {
    expect(await client.links.health()).toMatchObject([{ relay: relay.url, home: true, faults: [] }])
    const watching = (async () => {
      for await (const health of client.links.healthStream({ signal: over.signal })) seen.push(health)
    })().catch(() => undefined)
    await client.connect()
    await expect.poll(async () => (await client.links.health())[0]?.uptime).toBe(1)
    const [up] = await client.links.health()
    expect(up).toMatchObject({ relay: relay.url, home: true, state: 'ready', version: 1, faults: [] })
    expect(up?.roundTrip).toBeGreaterThanOrEqual(0)
    expect(up?.program).toMatch(/\d/)
    expect(Math.abs(up?.ahead ?? 1e9)).toBeLessThan(60_000)

    await relay.close()
    await expect.poll(async () => (await client.links.health())[0]?.state).not.toBe('ready')
    clock.advance(31 * 60_000)
    await expect
      .poll(async () => {
        clock.advance(11_000)
        return (await client.links.health())[0]?.uptime
      })
      .toBeLessThan(1)
    expect((await client.links.health())[0]?.problem).toBe('transport/unreachable')
    await expect.poll(() => seen.some(([health]) => health?.problem === 'transport/unreachable')).toBe(true)
    over.abort()
    await watching
  } finally {
    await client.close()
  }
  const later = await again()
  const [kept] = await later.links.health()
  expect(kept).toMatchObject({ relay: relay.url, problem: 'transport/unreachable', version: 1 })
  expect(kept?.uptime).toBeLessThan(1)
  await later.close()
})

test('a relay that goes is said to be away at once, not at the next look, and one that is back is looked at', async () => {
  await using relay = await host.rewindableRelay()
  const { client, clock } = await member(relay)
  const health = async () => (await client.links.health())[0]
  const waiting = { timeout: 60_000, interval: 100 }
  try {
    await client.connect()
    await expect.poll(async () => (await health())?.uptime, waiting).toBe(1)
    const asked = (await health())?.askedAt

    await relay.stop()
    await expect.poll(health, waiting).toMatchObject({ problem: 'transport/unreachable', askedAt: asked, uptime: 1 })
    await relay.start()
    await expect.poll(async () => (await health())?.state, waiting).toBe('ready')
    expect(await health()).not.toHaveProperty('problem')

    await relay.stop()
    await expect.poll(async () => (await health())?.state, waiting).toBe('waiting')
    clock.advance(31 * 60_000)
    await expect
      .poll(async () => {
        clock.advance(11_000)
        return (await health())?.uptime
      }, waiting)
      .toBeLessThan(1)
    expect(await health()).toMatchObject({ problem: 'transport/unreachable' })
    await relay.start()
    await expect
      .poll(async () => {
        clock.advance(1_000)
        const { state, problem } = (await health()) ?? {}
        return { state, problem }
      }, waiting)
      .toEqual({ state: 'ready', problem: undefined })
  } finally {
    await client.close()
  }
})
