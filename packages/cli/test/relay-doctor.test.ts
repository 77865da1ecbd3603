import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createRelay, type RelayOptions } from '@dchat/relay'
import { createIdentity } from '@dchat/sdk'
import { systemClock } from '@dchat/sdk/node'
import { decodeFrame, encodeFrame } from '@dchat/sdk/wire'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type DiagnoseOptions, diagnoseRelay } from '../src/session/diagnose-relay.ts'

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const doctor = (url: string, options: Partial<DiagnoseOptions> = {}) =>
  diagnoseRelay(url, { timeout: 3_000, signal: new AbortController().signal, ...options })

/** Listens on loopback; the port. */
const listening = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const relayAt = async (options: RelayOptions = {}) => {
  const relay = await createRelay({ drainPatience: 500, ...options })
  closing.push(() => relay.close())
  return relay
}

const certificate = async (...options: string[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'dchat-doctor-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await promisify(execFile)('openssl', [...made, '-keyout', key, '-out', cert, '-subj', '/CN=localhost', ...options])
  return { key: await readFile(key), cert: await readFile(cert) }
}

/** A WebSocket server that answers a hello as it likes. */
const webSocket = async (answer: (hello: Uint8Array) => Uint8Array | string | undefined): Promise<string> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => {
      const said = answer(new Uint8Array(data))
      if (said !== undefined) socket.send(said)
    }),
  )
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a relay that works is said to, with its key, program, protocol, round trip and clock', async () => {
  const relay = await relayAt()
  const found = await doctor(relay.url, { key: Buffer.from(relay.relayKey).toString('hex') })
  expect(found).toMatchObject({ version: 1, relayKey: Buffer.from(relay.relayKey).toString('hex') })
  expect(found.ailment).toBeUndefined()
  expect(found.text).toMatch(/^It works: .*protocol 1/)
  expect(Math.abs(found.ahead ?? 1e9)).toBeLessThan(60_000)
})

test('a name that nobody has', async () => {
  // Where no name server answers, that is said instead.
  expect(['name-unknown', 'no-way']).toContain((await doctor('ws://nobody.invalid')).ailment)
})

test('nothing listens', async () => {
  const relay = await createRelay()
  await relay.close()
  expect(await doctor(relay.url)).toMatchObject({ ailment: 'refused' })
})

test('something that takes connections and says nothing', async () => {
  const port = await listening(createTcp(() => undefined))
  expect(await doctor(`ws://127.0.0.1:${port}`, { timeout: 300 })).toMatchObject({ ailment: 'not-a-relay' })
})

test('wss:// where nobody speaks TLS', async () => {
  const relay = await relayAt()
  expect(await doctor(relay.url.replace('ws:', 'wss:'))).toMatchObject({ ailment: 'no-tls' })
})

test('ws:// where TLS is spoken', async () => {
  const relay = await relayAt({ tls: await certificate() })
  expect(await doctor(relay.url.replace('wss:', 'ws:'))).toMatchObject({ ailment: 'wants-tls' })
})

test('a certificate that nobody trusts', async () => {
  const relay = await relayAt({ tls: await certificate('-days', '7') })
  const found = await doctor(relay.url.replace('127.0.0.1', 'localhost'))
  expect(found).toMatchObject({ ailment: 'certificate' })
  expect(found.text).toContain('signed by itself')
})

test('a web server that is no relay, a proxy that does not pass WebSocket on, and one without a relay behind it', async () => {
  const answering = async (status: number) =>
    `ws://127.0.0.1:${await listening(createHttp((_, response) => response.writeHead(status).end('hello')))}`
  expect(await doctor(await answering(200))).toMatchObject({ ailment: 'no-websocket' })
  expect(await doctor(await answering(426))).toMatchObject({ ailment: 'no-websocket' })
  expect(await doctor(await answering(502))).toMatchObject({ ailment: 'proxy-without-relay' })
  const tls = createHttps(await certificate(), (_, response) => response.end())
  expect(await doctor(`ws://127.0.0.1:${await listening(tls)}`)).toMatchObject({ ailment: 'wants-tls' })
})

test('a WebSocket that speaks something else', async () => {
  expect(await doctor(await webSocket(() => 'hello'))).toMatchObject({ ailment: 'not-a-relay' })
})

test('a relay of another version', async () => {
  const url = await webSocket(() =>
    encodeFrame({
      type: 'error',
      id: 0,
      code: 'protocol/unsupported-version',
      details: { found: [1], supported: [9] },
    }),
  )
  expect(await doctor(url)).toMatchObject({ ailment: 'version' })
})

test('a relay that names a key which it does not hold, and one with another key than the one that is meant', async () => {
  const relay = await relayAt()
  const url = await webSocket((hello) => {
    const frame = decodeFrame(hello)
    if (frame.type !== 'hello') return undefined
    const { relayKey } = relay
    const rest = { challenge: new Uint8Array(32), signature: new Uint8Array(64), time: Date.now() }
    return encodeFrame({ type: 'welcome', version: 1, relayKey, heartbeat: 30_000, window: 64, ...rest })
  })
  expect(await doctor(url)).toMatchObject({ ailment: 'wrong-key' })
  expect(await doctor(relay.url, { key: 'ab'.repeat(32) })).toMatchObject({ ailment: 'wrong-key' })
})

test('a clock that is wrong', async () => {
  const clock = { ...systemClock(), now: () => Date.now() + 3_600_000 }
  const relay = await relayAt({ clock })
  const found = await doctor(relay.url)
  expect(found).toMatchObject({ ailment: 'clock' })
  expect(found.text).toContain('3600 s')
})

test('a relay that takes people by invitation', async () => {
  const relay = await relayAt({ policy: 'invitation' })
  expect(await doctor(relay.url)).toMatchObject({ ailment: 'not-invited' })
  expect(await doctor(relay.url, { address: createIdentity().address })).toMatchObject({ ailment: 'not-invited' })
})

test('a relay that takes no more connections', async () => {
  const relay = await relayAt({ limits: { connectionsPerAddress: 1 } })
  const other = new WebSocket(relay.url)
  closing.push(() => other.terminate())
  await once(other, 'open')
  expect(await doctor(relay.url)).toMatchObject({ ailment: 'over-quota' })
})

test('it ends at once when it is cancelled', async () => {
  const port = await listening(createTcp(() => undefined))
  const reason = new Error('enough')
  const over = new AbortController()
  const asked = doctor(`ws://127.0.0.1:${port}`, { timeout: 60_000, signal: over.signal })
  setTimeout(() => over.abort(reason), 50)
  await expect(asked).rejects.toThrow()
})
