import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port: number
  /** Default: this machine only. A proxy with TLS stands in front of what others reach. */
  readonly hostname?: string
  /** Told where the handler rejects; the request is answered with 500. */
  readonly onError?: (error: unknown) => void
}

export interface Served {
  readonly url: string
  /** Takes no more requests, and lets those under way end. */
  close(): Promise<void>
}

const requestOf = (incoming: IncomingMessage, signal: AbortSignal): Request => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one)
  const { method = 'GET', url = '/' } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(new URL(url, 'http://localhost'), {
    ...{ method, headers, signal },
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  } as RequestInit)
}

const write = async (response: Response, outgoing: ServerResponse): Promise<void> => {
  const body = Buffer.from(await response.arrayBuffer())
  // What is left of a request that was not read to its end ends with the connection.
  const close = outgoing.req.complete ? {} : { connection: 'close' }
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...close }).end(body)
}

/** A small HTTP server for a handler of the web's own kind. Rejects with what `listen` says, as for a port in use. */
export const serve = async (
  handler: (request: Request) => Promise<Response>,
  { port, hostname = '127.0.0.1', onError = () => undefined }: ServeOptions,
): Promise<Served> => {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const gone = new AbortController()
    outgoing.once('close', () => gone.abort())
    try {
      await write(await handler(requestOf(incoming, gone.signal)), outgoing)
    } catch (error) {
      if (gone.signal.aborted) return
      onError(error)
      if (!outgoing.headersSent) outgoing.writeHead(500, { connection: 'close' }).end()
    }
  }
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (incoming, outgoing) => {
    void answer(incoming, outgoing)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, resolve)
  })
  const address = server.address() as AddressInfo
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeIdleConnections()
      }),
  }
}
