import { describe, expect, test } from 'vitest'
import { DchatError } from '../../src/errors.ts'
import type { Frame } from '../../src/protocol/wire/frames.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { HandClock } from '../support/clocks.ts'
import { coded, linkTo, relayWith, until } from './support.ts'
import { refuse, testRelay } from './test-relay.ts'

describe('hello', () => {
  test('a verified welcome makes the link ready, with the relay key in its state', async () => {
    const relay = await relayWith()
    const link = linkTo(relay.url)
    expect(link.state).toEqual({ state: 'idle' })
    const seen: string[] = []
    const watching = (async () => {
      for await (const { state } of link.states()) seen.push(state)
    })()
    await link.ready({ timeout: 10_000 })
    expect(link.state).toEqual({ state: 'ready', relayKey: relay.relayKey, version: 1 })
    await link.close()
    await watching
    expect(seen).toEqual(['idle', 'connecting', 'ready', 'closed'])
  })

  test('a relay that does not hold the key it names is refused', async () => {
    const relay = await relayWith({
      greet: (peer, _, welcome) => peer.send({ ...welcome, signature: new Uint8Array(64) }),
    })
    await expect(linkTo(relay.url).ready()).rejects.toEqual(coded('crypto/bad-signature'))
  })

  test('a signature for another nonce is refused', async () => {
    const welcomes: Frame[] = []
    const relay = await relayWith({
      greet: (peer, _, welcome) => {
        welcomes.push(welcome)
        peer.send(welcomes[0] as Frame)
      },
    })
    await linkTo(relay.url).ready()
    await expect(linkTo(relay.url).ready()).rejects.toEqual(coded('crypto/bad-signature'))
  })

  test('versions that do not meet end in a typed error, told by the relay or seen in its welcome', async () => {
    const telling = await relayWith({
      greet: (peer, { versions }) =>
        refuse(peer, 0, new DchatError('protocol/unsupported-version', { found: versions, supported: [9] })),
    })
    await expect(linkTo(telling.url).ready()).rejects.toEqual(coded('protocol/unsupported-version', { supported: [9] }))
    const deaf = await relayWith({ greet: (peer, _, welcome) => peer.send({ ...welcome, version: 9 }) })
    const link = linkTo(deaf.url)
    await expect(link.request('relay.info', {})).rejects.toEqual(coded('protocol/unsupported-version', { found: [9] }))
    expect(link.state.state).toBe('waiting')
  })

  test('a link that was refused goes on trying and becomes ready once the relay has learned', async () => {
    let refusals = 2
    const relay = await relayWith({
      greet: (peer, _, welcome) => peer.send(refusals-- > 0 ? { ...welcome, version: 9 } : welcome),
    })
    const link = linkTo(relay.url)
    await expect(link.ready()).rejects.toEqual(coded('protocol/unsupported-version'))
    await until(link, 'ready')
  })
})

describe('a relay that is not there', () => {
  test('ready gives up after its timeout, with the reason of the last attempt', async () => {
    const gone = await testRelay()
    await gone.close()
    const link = linkTo(gone.url, { backoff: { base: 600_000, cap: 600_000 } })
    link.ready().catch(() => undefined)
    await until(link, 'waiting')
    await expect(link.ready({ timeout: 20 })).rejects.toEqual(
      coded('transport/unreachable', { relay: gone.url, reason: 'nothing listens there' }),
    )
  })

  test('a relay that comes later is found', async () => {
    const gone = await testRelay()
    const { port, url } = gone
    await gone.close()
    const link = linkTo(url)
    const ready = link.ready()
    await until(link, 'waiting')
    await relayWith({ port })
    await ready
    expect(link.state.state).toBe('ready')
  })

  test('a relay that accepts and says nothing is given up', async () => {
    const clock = new HandClock()
    const relay = await relayWith({ greet: () => undefined })
    const link = linkTo(relay.url, { clock, connectTimeout: 1000 })
    const waiting = until(link, 'waiting')
    link.ready().catch(() => undefined)
    await (await relay.peer()).frame('hello')
    await clock.advance(1000)
    expect(await waiting).toMatchObject({ reason: 'it does not answer' })
  })

  test('a URL that cannot be opened is told at once', async () => {
    await expect(linkTo('no url' as RelayUrl).ready()).rejects.toEqual(coded('transport/unreachable'))
  })
})
