import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dchat } from '../support/cli.ts'

const run = promisify(execFile)
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

let root = ''
const file = (name: string) => join(root, name)
const closing: (() => void)[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dchat-certificates-'))
  const out = ['-keyout', file('ca.key'), '-out', file('ca.pem')]
  await run('openssl', ['req', '-x509', ...KEY, ...out, '-subj', '/CN=An authority'])
})
afterAll(async () => {
  for (const close of closing) close()
  await rm(root, { recursive: true, force: true })
})

/** What the doctor says of a server with a certificate of that authority, for a name and some days. */
const said = async (name: string, days: number, trusted: boolean) => {
  const [key, request, cert] = [file('key.pem'), file('request.pem'), file('cert.pem')]
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  await run('openssl', ['req', ...KEY, '-keyout', key, '-out', request, ...names])
  const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-set_serial', '7', '-copy_extensions', 'copy']
  await run('openssl', ['x509', '-req', '-in', request, ...by, '-days', `${days}`, '-out', cert])
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (_, answer) => answer.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const { out, code } = await dchat(root, ['relay', 'doctor', `wss://localhost:${port}`, '--json'], {
    env: trusted ? { NODE_EXTRA_CA_CERTS: file('ca.pem') } : {},
  })
  expect(code).toBe(1)
  return JSON.parse(out).data as { ailment: string; text: string }
}

test.each([
  ['that has expired', 'localhost', -1, true, 'has expired'],
  ['for another name', 'other.example', 30, true, 'is for another name'],
  ['of an authority that nobody trusts', 'localhost', 30, false, 'nobody here trusts.*NODE_EXTRA_CA_CERTS'],
] as const)('a certificate %s is told apart from others', async (_, name, days, trusted, words) => {
  const found = await said(name, days, trusted)
  expect(found.ailment).toBe('certificate')
  expect(found.text).toMatch(new RegExp(words))
})

test('one that is trusted is no ailment: the next step is', async () => {
  expect((await said('localhost', 30, true)).ailment).toBe('no-websocket')
})
