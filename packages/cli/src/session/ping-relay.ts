import { parseRelayUrl } from '@dchat/sdk'
import { nodeTransport } from '@dchat/sdk/node'

export interface Ping {
  readonly relay: string
  /** Of the relay's program. */
  readonly version: string
  /** Round trip of one request. */
  readonly ms: number
}

export interface PingOptions {
  readonly count: number
  /** ms for the connection, and for each answer. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** Connects and asks; throws `transport/unreachable` if nobody answers in time. */
export async function* pingRelay(url: string, { count, timeout, signal }: PingOptions): AsyncGenerator<Ping> {
  const relay = parseRelayUrl(url)
  const link = nodeTransport().link(relay)
  try {
    await link.ready({ timeout, signal })
    for (let round = 0; round < count; round++) {
      const start = performance.now()
      const { name, version } = await link.request('relay.info', {}, { timeout, signal })
      yield { relay, version: `${name} ${version}`, ms: performance.now() - start }
    }
  } finally {
    await link.close()
  }
}
