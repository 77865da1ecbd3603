import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config/read.ts'
import { configSchema, flagOf, SETTINGS, variableOf } from '../src/config/schema.ts'
import { DEFAULT_LIMITS } from '../src/policy/limits.ts'
import { codeOf } from './support/relay.ts'
import { tempDir } from './support/temp.ts'

const fileWith = async (text: string): Promise<string> => {
  const file = join(await tempDir(), 'relay.json')
  await writeFile(file, text)
  return file
}

test('flags go before the file, the file before the defaults', async () => {
  const file = await fileWith(JSON.stringify({ port: 1, host: '::', retentionDays: 7, limits: { inboxItems: 5 } }))
  const config = await readConfig({ port: 2, host: undefined }, file)
  expect(config).toMatchObject({ port: 2, host: '::', retentionDays: 7, policy: 'open', limits: { inboxItems: 5 } })
  expect(await readConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 7464,
    retentionDays: 30,
    commitRetentionDays: 365,
  })
})

test.each([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['an unknown key', '{"prot":1}'],
  ['an unknown limit', '{"limits":{"inboxes":1}}'],
  ['a value of the wrong kind', '{"port":"80"}'],
  ['a certificate without its key', '{"tlsCert":"a"}'],
  ['a proxy that is no network', '{"trustedProxies":["10.0.0.0/99"]}'],
])('a file with %s is refused', async (_, text) => {
  expect(await codeOf(readConfig({}, await fileWith(text)))).toBe('usage/invalid-argument')
})

test('a file that is not there is refused', async () => {
  expect(await codeOf(readConfig({}, join(await tempDir(), 'none.json')))).toBe('usage/invalid-argument')
})

test('every limit can be configured', () => {
  expect(configSchema.parse({ limits: DEFAULT_LIMITS }).limits).toEqual(DEFAULT_LIMITS)
})

test('flags go before the environment, the environment before the file', async () => {
  const file = await fileWith(JSON.stringify({ port: 1, name: 'file', retentionDays: 7 }))
  const environment = {
    DCHAT_RELAY_CONFIG: file,
    DCHAT_RELAY_PORT: '2',
    DCHAT_RELAY_NAME: 'environment',
    DCHAT_RELAY_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8',
    PATH: '/bin',
  }
  expect(await readConfig({ name: 'flag' }, undefined, environment)).toMatchObject({
    port: 2,
    name: 'flag',
    retentionDays: 7,
    trustedProxies: ['loopback', '10.0.0.0/8'],
  })
})

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'valid',
    (error: { message: string }) => error.message,
  )

test('a misspelt setting is refused with the one that was meant, wherever it stands', async () => {
  expect(await reasonOf(readConfig({}, await fileWith('{"retentonDays":1}')))).toContain('"retentionDays" is one')
  expect(await reasonOf(readConfig({}, await fileWith('{"limits":{"inboxitems":1}}')))).toContain('"inboxItems" is one')
  expect(await reasonOf(readConfig({}, undefined, { DCHAT_RELAY_PROT: '1' }))).toContain('"DCHAT_RELAY_PORT" is one')
  expect(await reasonOf(readConfig({}, await fileWith('{"zzzzzzz":1}')))).toContain('there is no such setting.')
  expect(await reasonOf(readConfig({}, undefined, { DCHAT_RELAY_PORT: 'http' }))).toContain('it must be a number')
})

test('every setting has a description, and names that differ', () => {
  expect(SETTINGS.filter(({ description }) => description === '')).toEqual([])
  expect(new Set(SETTINGS.map(({ key }) => flagOf(key))).size).toBe(SETTINGS.length)
  expect(flagOf('tlsCert')).toBe('tls-cert')
  expect(variableOf('commitRetentionDays')).toBe('DCHAT_RELAY_COMMIT_RETENTION_DAYS')
  expect(SETTINGS.filter(({ shape }) => shape === 'file').map(({ key }) => key)).toEqual(['limits'])
})
