import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { parseRelayInvitation, toHex } from '@dchat/sdk/wire'
import { expect, test } from 'vitest'
import { pinoLog } from '../src/index.ts'
import { TestClient } from './support/client.ts'
import { testClock, testCrypto } from './support/crypto.ts'
import { testIdentity } from './support/identity.ts'
import { runToEnd, serve, useProgram } from './support/process.ts'
import { client, codeOf, relay } from './support/relay.ts'
import { tempDir } from './support/temp.ts'

const program = useProgram()
const quiet = ['--port', '0', '--log-level', 'silent', '--policy', 'invitation', '--public-url', 'wss://relay.example']

test.each(['memory', 'sqlite'] as const)(
  'an invitation admits one identity for good, at the latest moment too (%s)',
  async (kind) => {
    const clock = testClock()
    const at = await relay({ policy: 'invitation', clock, ...(kind === 'sqlite' && { store: await tempDir() }) })
    const { secret } = await at.invitations.create({ lifetime: 60_000 })
    const alice = await client(at)
    const [one, two] = [testIdentity(), testIdentity()]
    const put = (log: readonly Uint8Array[], invitation?: Uint8Array) =>
      codeOf(alice.request('identity.put', { log, ...(invitation && { invitation }) }))
    expect(await put(one.genesis)).toBe('relay/not-invited')
    expect(await put(one.genesis, testCrypto.random(16))).toBe('relay/not-invited')
    // Both at once: one of them has the only use.
    const outcomes = await Promise.all([put(one.genesis, secret), put(two.genesis, secret)])
    expect(outcomes.sort()).toEqual(['no error', 'relay/not-invited'])
    const [held] = await at.invitations.list()
    expect(held).toMatchObject({ uses: 1, used: 1, state: 'used-up' })
    const stored = async ({ address }: { address: string }) =>
      (await alice.request('identity.get', { address })).logs.length
    const inside = (await stored(one)) === 1 ? one : two
    expect([await stored(one), await stored(two)].sort()).toEqual([0, 1])
    // Whoever is in stays in, with newer logs, and shows nothing any more.
    const device = await inside.newDevice()
    expect(await put(inside.add(inside.genesis, device.key))).toBe('no error')
    const late = await at.invitations.create({ lifetime: 60_000 })
    clock.offset += 60_000
    expect(await put(testIdentity().genesis, late.secret)).toBe('relay/not-invited')
    const taken = await at.invitations.create({ uses: 9 })
    expect(await at.invitations.revoke(taken.id)).toMatchObject({ state: 'revoked' })
    expect(await put(testIdentity().genesis, taken.secret)).toBe('relay/not-invited')
    expect(await codeOf(at.invitations.revoke('nothing'))).toBe('usage/invalid-argument')
  },
)

test('two jobs of one turn cannot bring an identity in by an invitation that was used up in between', async () => {
  const at = await relay({ policy: 'invitation' })
  const { secret } = await at.invitations.create()
  const [alice, mallory] = [testIdentity(), testIdentity()]
  const device = await mallory.newDevice()
  const link = await client(at)
  const put = (log: readonly Uint8Array[]) => codeOf(link.request('identity.put', { log, invitation: secret }))
  const longer = mallory.add(mallory.genesis, device.key)
  expect(await Promise.all([put(alice.genesis), put(mallory.genesis), put(longer)])).toEqual([
    'no error',
    'relay/not-invited',
    'relay/not-invited',
  ])
  expect((await link.request('identity.get', { address: mallory.address })).logs).toEqual([])
  // What was planned and failed left nothing behind: the next one is judged by what is stored.
  const other = await at.invitations.create()
  await link.request('identity.put', { log: longer, invitation: other.secret })
})

test('whoever tries invitations is slowed down', async () => {
  const at = await relay({ policy: 'invitation', limits: { logEntries: { perSecond: 0.001, burst: 20 } } })
  const mallory = await client(at)
  const tried = Array.from({ length: 30 }, () =>
    codeOf(mallory.request('identity.put', { log: testIdentity().genesis, invitation: testCrypto.random(16) })),
  )
  const codes = await Promise.all(tried)
  expect(codes.filter((code) => code === 'transport/rate-limited')).toHaveLength(10)
  expect(codes.filter((code) => code === 'relay/not-invited')).toHaveLength(20)
})

test('an invitation is made, listed and taken back while the relay runs, and its secret stands nowhere', async () => {
  const data = await tempDir()
  const settings = [...quiet, '--data', data]
  const running = await serve(program.file, settings)
  const command = async (...args: string[]) => {
    const { code, stdout, stderr } = await runToEnd(program.file, ['invite', ...args, ...settings])
    expect(code, stderr).toBe(0)
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  const [made] = await command('create', '--uses', '2', '--days', '1', '--note', 'the choir')
  expect(made).toMatchObject({ note: 'the choir', uses: 2, used: 0, state: 'open' })
  const { relay: named, secret } = parseRelayInvitation(String(made?.link))
  expect(named).toBe('wss://relay.example')
  const alice = await TestClient.connect(running.url)
  const identity = testIdentity()
  expect(await codeOf(alice.request('identity.put', { log: identity.genesis }))).toBe('relay/not-invited')
  await alice.request('identity.put', { log: identity.genesis, invitation: secret })
  const listed = await command('list')
  expect(listed).toMatchObject([{ id: made?.id, used: 1, state: 'open' }])
  expect(await command('revoke', String(made?.id))).toMatchObject([{ state: 'revoked' }])
  const { genesis } = testIdentity()
  expect(await codeOf(alice.request('identity.put', { log: genesis, invitation: secret }))).toBe('relay/not-invited')
  const text = toHex(secret)
  expect(JSON.stringify(listed)).not.toContain(text)
  running.child.kill('SIGTERM')
  await running.exit
  const stored = readFileSync(join(data, 'relay.db'))
  expect(stored.includes(Buffer.from(secret)) || stored.includes(text)).toBe(false)
  expect(statSync(join(data, 'relay.db')).mode & 0o077).toBe(0)
})

test('before the first start an invitation makes the database, and the relay that starts then knows it', async () => {
  const data = join(await tempDir(), 'fresh')
  const settings = [...quiet, '--data', data]
  const made = await runToEnd(program.file, ['invite', 'create', ...settings])
  expect(made.code, made.stderr).toBe(0)
  const { secret } = parseRelayInvitation(String((JSON.parse(made.stdout) as { link: string }).link))
  const running = await serve(program.file, settings)
  const alice = await TestClient.connect(running.url)
  await alice.request('identity.put', { log: testIdentity().genesis, invitation: secret })
  running.child.kill('SIGTERM')
  expect((await running.exit).code).toBe(0)
})

test('wrong use of invitations is one sentence', async () => {
  const data = await tempDir()
  const run = (...args: string[]) =>
    runToEnd(program.file, ['invite', ...args, '--data', data, '--policy', 'invitation'])
  const without = await run('create')
  expect(without.code).toBe(2)
  expect(without.stderr).toMatch(/publicUrl.*--public-url/s)
  expect(await run('revoke', 'abc')).toMatchObject({ code: 2, stderr: expect.stringContaining('no such invitation') })
  expect(await run('create', '--uses', '0', '--public-url', 'wss://a.example')).toMatchObject({ code: 2 })
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('create, list or revoke') })
  expect(await run('create', '--public-url', 'https://a.example')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('publicUrl'),
  })
})

test('the log tells that an invitation was refused, and nothing of it', async () => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const at = await relay({ policy: 'invitation', log: pinoLog('debug', sink) })
  const { secret, id } = await at.invitations.create({ note: 'a marker' })
  const link = await client(at)
  await link.request('identity.put', { log: testIdentity().genesis, invitation: secret })
  expect(await codeOf(link.request('identity.put', { log: testIdentity().genesis, invitation: secret }))).toBe(
    'relay/not-invited',
  )
  await at.close()
  const text = lines.join('')
  for (const word of [toHex(secret), 'a marker', id]) expect(text).not.toContain(word)
})
