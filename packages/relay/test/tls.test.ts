import { once } from 'node:events'
import { copyFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type TestCertificate, testCertificate } from './support/certificate.ts'
import { TestClient } from './support/client.ts'
import { serve, useProgram } from './support/process.ts'
import { codeOf, relay } from './support/relay.ts'
import { tempDir } from './support/temp.ts'

const program = useProgram()

/** The serial number of the certificate that a new connection is shown. */
const shown = async (url: string): Promise<string> => {
  const { hostname: host, port } = new URL(url)
  const socket: TLSSocket = connect({ host, port: Number(port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

const numbered = (serial: number) => testCertificate('-set_serial', `${serial}`)
const ca = (...all: TestCertificate[]) => ({ ca: all.map(({ cert }) => cert) })

describe('a certificate of its own', () => {
  test('is verified by clients; a new one serves new connections, open ones stay, a broken one changes nothing', async () => {
    const [one, two] = [await numbered(1), await numbered(2)]
    const at = await relay({ tls: one })
    expect(at.url).toMatch(/^wss:/)
    await expect(TestClient.raw(at.url)).rejects.toThrow(/self-signed/)
    const alice = await TestClient.connect(at.url, ca(one))
    expect(await shown(at.url)).toBe('01')

    at.renew(two)
    expect(await shown(at.url)).toBe('02')
    await expect(TestClient.raw(at.url, ca(one))).rejects.toThrow()
    const bob = await TestClient.connect(at.url, ca(two))

    for (const broken of [
      { cert: one.cert, key: two.key },
      { cert: 'no certificate', key: two.key },
    ])
      expect(() => at.renew(broken)).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(await shown(at.url)).toBe('02')
    // Whoever was connected before the first change still is.
    for (const link of [alice, bob]) await link.request('relay.info', {})
    await Promise.all([alice.close(), bob.close()])
  })

  test('a relay without one takes none later, and one that cannot be used keeps it from starting', async () => {
    const [one, two] = [await numbered(1), await numbered(2)]
    const plain = await relay()
    expect(() => plain.renew(one)).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(await codeOf(relay({ tls: { cert: one.cert, key: two.key } }))).toBe('usage/invalid-argument')
  })

  test('the program reads its files again at SIGHUP, and keeps what it has when they are broken', async () => {
    const [one, two, three] = [await numbered(1), await numbered(2), await numbered(3)]
    const folder = await tempDir()
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const put = async ({ certFile: cert, keyFile: key }: TestCertificate) => {
      await copyFile(cert, certFile)
      await copyFile(key, keyFile)
    }
    await put(one)
    const files = ['--tls-cert', certFile, '--tls-key', keyFile]
    const running = await serve(program.file, ['--port', '0', '--data', join(folder, 'data'), ...files])
    onTestFinished(() => void running.child.kill('SIGKILL'))
    const told = (event: string, times: number) =>
      expect.poll(() => running.stderr().split(`"msg":"${event}"`).length - 1, { timeout: 90_000 }).toBe(times)
    const alice = await TestClient.connect(running.url, ca(one))
    expect(await shown(running.url)).toBe('01')

    await put(two)
    running.child.kill('SIGHUP')
    await told('certificate-renewed', 1)
    expect(await shown(running.url)).toBe('02')

    // In the middle of a renewal, the certificate and its key do not belong together.
    await copyFile(three.certFile, certFile)
    running.child.kill('SIGHUP')
    await told('certificate-refused', 1)
    await writeFile(certFile, 'nothing')
    running.child.kill('SIGHUP')
    await told('certificate-refused', 2)
    expect(await shown(running.url)).toBe('02')

    await put(three)
    running.child.kill('SIGHUP')
    await told('certificate-renewed', 2)
    expect(await shown(running.url)).toBe('03')
    await alice.request('relay.info', {})
    running.child.kill('SIGTERM')
    expect((await running.exit).code).toBe(0)
  })
})

/** Ends TLS in front of a relay and says from where its client comes, behind what the client itself has said of that. */
const proxy = async (to: string, tls: TestCertificate): Promise<string> => {
  const server = createServer({ cert: tls.cert, key: tls.key })
  server.on('upgrade', (asked, client, head) => {
    const before = asked.headers['x-forwarded-for']
    const from = `${before === undefined ? '' : `${before}, `}${asked.socket.remoteAddress}`
    const { hostname: host, port } = new URL(to)
    const forward = request({ host, port, headers: { ...asked.headers, 'x-forwarded-for': from } })
    client.on('error', () => undefined)
    forward.on('upgrade', (answer, upstream) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`)
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      upstream.on('error', () => undefined)
      upstream.on('close', () => client.destroy())
      client.on('close', () => upstream.destroy())
      if (head.length > 0) upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    forward.on('response', ({ statusCode }) => client.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`))
    forward.on('error', () => client.destroy())
    forward.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `wss://127.0.0.1:${(server.address() as AddressInfo).port}`
}

// Only Linux has the whole of 127.0.0.0/8 on its own.
describe.skipIf(process.platform !== 'linux')('a proxy that ends TLS in front', () => {
  test('clients talk through it, and limits count them, whatever they say of themselves', async () => {
    const tls = await numbered(1)
    const at = await relay({ trustedProxies: ['127.0.0.1'], limits: { connectionsPerAddress: 1 } })
    const front = await proxy(at.url, tls)
    const through = (localAddress: string, from?: string) =>
      TestClient.connect(front, { ...ca(tls), localAddress, from })
    const alice = await through('127.0.0.2', '198.51.100.1')
    await alice.request('relay.info', {})
    await expect(through('127.0.0.2', '198.51.100.2')).rejects.toThrow('503')
    const bob = await through('127.0.0.3', '198.51.100.1')
    await bob.request('relay.info', {})
    await Promise.all([alice.close(), bob.close()])
  })

  test('what somebody says who is no trusted proxy does not count', async () => {
    const tls = await numbered(1)
    const at = await relay({ trustedProxies: ['127.0.0.1'], limits: { connectionsPerAddress: 1 } })
    const direct = await TestClient.connect(at.url, { localAddress: '127.0.0.4', from: '198.51.100.1' })
    await expect(TestClient.raw(at.url, { localAddress: '127.0.0.4', from: '198.51.100.2' })).rejects.toThrow('503')
    await direct.close()
    // Without trust, everybody behind the proxy is the proxy.
    const wary = await relay({ limits: { connectionsPerAddress: 1 } })
    const front = await proxy(wary.url, tls)
    const first = await TestClient.connect(front, { ...ca(tls), localAddress: '127.0.0.2' })
    await expect(TestClient.raw(front, { ...ca(tls), localAddress: '127.0.0.3' })).rejects.toThrow('503')
    await first.close()
  })
})
