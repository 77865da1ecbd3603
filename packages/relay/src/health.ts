import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '@dchat/sdk/wire'
import type { Metrics } from './metrics.ts'
import type { Store } from './store/store.ts'

export interface HealthOptions {
  readonly store: Store
  readonly metrics: Metrics
  readonly log: Log
  readonly draining: () => boolean
  /** May this one read the metrics? */
  readonly showsMetrics: (request: IncomingMessage) => boolean
}

/** What the port answers to plain HTTP: `/healthz` for supervisors, `/metrics` for Prometheus, else how to connect. */
export const httpHandler = ({ store, metrics, log, draining, showsMetrics }: HealthOptions) => {
  const health = async (response: ServerResponse): Promise<void> => {
    if (draining()) return answer(response, 503, { status: 'draining' })
    try {
      await store.check()
      answer(response, 200, { status: 'ok' })
    } catch {
      log.warn('unhealthy', {})
      answer(response, 503, { status: 'store-unavailable' })
    }
  }
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?')[0]
    const known = path === '/healthz' || (path === '/metrics' && showsMetrics(request)) || path === '/'
    if (!known) return answer(response, 404, { status: 'not-found' })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, { status: 'method-not-allowed' })
    if (path === '/healthz') void health(response)
    else if (path === '/metrics')
      void metrics.registry.metrics().then((text) => {
        response.writeHead(200, { 'content-type': metrics.registry.contentType, 'cache-control': 'no-store' }).end(text)
      })
    else answer(response, 426, { status: 'a WebSocket is expected' }, { upgrade: 'websocket' })
  }
}

const answer = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
    .end(`${JSON.stringify(body)}\n`)
}
