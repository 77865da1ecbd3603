import { afterEach, expect } from 'vitest'
import { NodeWebSocket } from '../../src/adapters/transport/node-websocket.ts'
import { type WebSocketTransportOptions, webSocketTransport } from '../../src/adapters/transport/websocket.ts'
import type { LinkState, RelayLink } from '../../src/ports/transport.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { realClock } from '../support/clocks.ts'
import { testCrypto } from '../support/crypto.ts'
import { type TestRelay, type TestRelayOptions, testRelay } from './test-relay.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

/** A relay that goes away with the test. */
export const relayWith = async (options: TestRelayOptions = {}): Promise<TestRelay> => {
  const relay = await testRelay(options)
  open.push(relay)
  return relay
}

/** A link that goes away with the test; it comes back fast. */
export const linkTo = (url: RelayUrl, options: Partial<WebSocketTransportOptions> = {}): RelayLink => {
  const transport = webSocketTransport({
    WebSocket: NodeWebSocket,
    clock: realClock,
    random: { bytes: testCrypto.random },
    crypto: testCrypto,
    backoff: { base: 2, cap: 20 },
    ...options,
  })
  const link = transport.link(url)
  open.push(link)
  return link
}

export const until = async (link: RelayLink, wanted: LinkState['state']): Promise<LinkState> => {
  for await (const state of link.states()) if (state.state === wanted) return state
  throw new Error(`the link never was ${wanted}`)
}

/** Matches an error by its code and some of its details. */
export const coded = (code: string, details: object = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) })

export const HEAD = { seq: 3, head: new Uint8Array(32), epoch: 1, time: 5 }
