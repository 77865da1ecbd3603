import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../src/platform.ts'
import { certificateCheck } from '../src/selftest/certificate.ts'
import { checkMemory, diskCheck, filesCheck, flushCheck } from '../src/selftest/machine.ts'
import { checkOutside } from '../src/selftest/outside.ts'
import { timeCheck } from '../src/selftest/self-test.ts'
import { testAuthority, testCertificate } from './support/certificate.ts'
import { testCrypto } from './support/crypto.ts'
import { runToEnd, serve, useProgram } from './support/process.ts'
import { relay } from './support/relay.ts'
import { tempDir } from './support/temp.ts'

const program = useProgram()

const DAY = 86_400_000

test.each([
  [certificateCheck(null, 90 * DAY, 0), 'ok', /90 more days/],
  [certificateCheck('', 13 * DAY, 0), 'warn', /13 more days.*renewed/],
  [certificateCheck('CERT_HAS_EXPIRED', 0, DAY), 'fail', /has expired: renew it/],
  [certificateCheck('ERR_TLS_CERT_ALTNAME_INVALID', DAY, 0), 'fail', /another name/],
  [certificateCheck('DEPTH_ZERO_SELF_SIGNED_CERT', DAY, 0), 'fail', /signed by itself/],
  [certificateCheck('SELF_SIGNED_CERT_IN_CHAIN', DAY, 0), 'fail', /authority that clients do not know/],
  [certificateCheck('UNABLE_TO_VERIFY_LEAF_SIGNATURE', DAY, 0), 'fail', /serve the full chain/],
  [diskCheck(5e9), 'ok', /5\.00 GB/],
  [diskCheck(5e8), 'warn', /500 MB.*maxBytes/],
  [diskCheck(5e7), 'fail', /50\.0 MB.*room/],
  [flushCheck(0.2), 'ok', /0\.2 ms/],
  [flushCheck(35), 'warn', /faster, local disk/],
  [filesCheck(65_536, 20_000), 'ok', /65536/],
  [filesCheck(Number.POSITIVE_INFINITY, 20_000), 'ok', /any number of files/],
  [filesCheck(1_024, 20_000), 'warn', /LimitNOFILE/],
  [checkMemory(20_000, 8e9), 'ok', /8\.00 GB/],
  [checkMemory(20_000, 5e8), 'warn', /950 MB.*limits\.connections/],
  [timeCheck(0, DAY), 'ok', /1970-01-02/],
  [timeCheck(DAY, DAY - 120_000), 'fail', /120 s behind/],
] as const)('%j', ({ state, text }, wanted, words) => {
  expect(state).toBe(wanted)
  expect(text).toMatch(words)
})

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('the way from outside', () => {
  const look = async (publicUrl: string | undefined, relayKey: Uint8Array) => {
    const { signal } = new AbortController()
    const checks = await checkOutside({
      publicUrl,
      relayKey,
      crypto: testCrypto,
      now: systemClock.now,
      signal,
      patience: 5_000,
    })
    return Object.fromEntries(checks.map(({ check, state, text }) => [check, [state, text]]))
  }
  const key = testCrypto.random(32)

  test('through to this very relay', async () => {
    const at = await relay()
    expect(await look(at.url, at.relayKey)).toEqual({
      name: ['ok', '127.0.0.1 is 127.0.0.1.'],
      port: ['ok', expect.any(String)],
      websocket: ['ok', expect.any(String)],
      hello: ['ok', expect.stringContaining('very relay')],
    })
  })

  test('to another relay', async () => {
    const at = await relay()
    expect((await look(at.url, key)).hello).toEqual(['fail', expect.stringContaining('Another relay')])
  })

  test('a certificate that nobody trusts is told, and the rest of the way is looked at all the same', async () => {
    const at = await relay({ tls: await testCertificate() })
    const found = await look(at.url.replace('127.0.0.1', 'localhost'), at.relayKey)
    expect(found.certificate).toEqual(['fail', expect.stringContaining('signed by itself')])
    expect(found.hello?.[0]).toBe('ok')
  })

  test('nothing is there, or something that is no relay', async () => {
    const gone = createTcpServer()
    const port = await listening(gone)
    await new Promise((resolve) => gone.close(resolve))
    expect(await look(`ws://127.0.0.1:${port}`, key)).toMatchObject({
      port: ['fail', expect.stringContaining('firewall')],
    })
    const answering = async (status: number) => {
      const server = createServer((_, response) => response.writeHead(status).end())
      return `ws://127.0.0.1:${await listening(server)}`
    }
    expect((await look(await answering(502), key)).websocket).toEqual(['fail', expect.stringContaining('502')])
    expect((await look(await answering(200), key)).websocket).toEqual(['fail', expect.stringContaining('Upgrade')])
    const [mute, mute2] = [0, 1].map(() =>
      createTcpServer((socket) => socket.on('error', () => undefined).resume()),
    ) as [Server, Server]
    expect((await look(`ws://127.0.0.1:${await listening(mute)}`, key)).websocket?.[0]).toBe('fail')
    expect((await look(`wss://127.0.0.1:${await listening(mute2)}`, key)).certificate?.[0]).toBe('fail')
    const plain = createTcpServer((socket) => socket.on('error', () => undefined).end('hello\n'))
    const found = await look(`wss://127.0.0.1:${await listening(plain)}`, key)
    expect(found.certificate).toEqual(['fail', expect.stringContaining('No TLS')])
  })

  test('a clock that differs from that of a proxy, and a name that leads nowhere', async () => {
    const tls = await testCertificate()
    const off = new Date(Date.now() - 3_600_000).toUTCString()
    const server = createTlsServer({ cert: tls.cert, key: tls.key })
    server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 502 Bad Gateway\r\nDate: ${off}\r\n\r\n`))
    const found = await look(`wss://localhost:${await listening(server)}`, key)
    expect(found.websocket).toEqual(['fail', expect.stringContaining('does not reach the relay')])
    expect((await look('wss://nobody.invalid', key)).name?.[0]).toBe('fail')
    expect(await look(undefined, key)).toEqual({ address: ['note', expect.stringContaining('publicUrl')] })
  })
})

test('the certificate is judged as clients judge it: trust, name, and how long it holds', async () => {
  const data = await tempDir()
  await (await relay({ store: data })).close()
  const authority = await testAuthority()
  const judged = async (name: string, days: number, trusted = true) => {
    const { cert, key } = await authority.sign(name, days)
    const server = createTlsServer({ cert, key }, (_, response) => response.end())
    const url = `wss://localhost:${await listening(server)}`
    const env = trusted ? { NODE_EXTRA_CA_CERTS: authority.caFile } : {}
    const { stderr } = await runToEnd(program.file, ['self-test', '--data', data, '--public-url', url], env)
    return stderr.split('\n').find((line) => line.includes('The certificate'))
  }
  expect(await judged('localhost', 60)).toMatch(/^ok .*holds for (59|60) more days/)
  expect(await judged('localhost', 5)).toMatch(/^warn .*holds for [45] more days/)
  expect(await judged('localhost', -1)).toMatch(/^fail .*has expired/)
  expect(await judged('other.example', 60)).toMatch(/^fail .*another name/)
  expect(await judged('localhost', 60, false)).toMatch(/^fail .*authority that clients do not know/)
})

test('it is logged after a start, and said in lines on demand, with an exit code', async () => {
  const data = await tempDir()
  const port = await listening(createTcpServer())
  const free = createTcpServer()
  const own = await listening(free)
  await new Promise((resolve) => free.close(resolve))
  const settings = ['--data', data, '--public-url', `ws://127.0.0.1:${own}`]
  const running = await serve(program.file, ['--port', `${own}`, ...settings])
  const logged = () =>
    running
      .stderr()
      .split('\n')
      .filter((line) => line.includes('"self-test"'))
      .map((line) => JSON.parse(line) as { check: string; state: string; text: string })
  await expect
    .poll(() => logged().map(({ check }) => check))
    .toEqual(['name', 'port', 'websocket', 'hello', 'time', 'disk', 'flush', 'files', 'memory'])
  expect(logged().filter(({ check, state }) => check === 'hello' && state === 'ok')).toHaveLength(1)
  const well = await runToEnd(program.file, ['self-test', ...settings])
  expect(well.stderr).toMatch(/^ok {4}This very relay answers/m)
  expect(well.stdout.split('\n').filter((line) => line !== '').length).toBe(9)
  const ill = await runToEnd(program.file, ['self-test', '--data', data, '--public-url', `ws://127.0.0.1:${port}`])
  expect(ill.code).toBe(1)
  expect(ill.stderr).toMatch(/^fail/m)
  running.child.kill('SIGTERM')
  expect((await running.exit).code).toBe(0)
  expect(await runToEnd(program.file, ['self-test', '--data', await tempDir()])).toMatchObject({ code: 2 })
})
