import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema, readConfig } from '../src/config.ts'
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
])('a file with %s is refused', async (_, text) => {
  expect(await codeOf(readConfig({}, await fileWith(text)))).toBe('usage/invalid-argument')
})

test('a file that is not there is refused', async () => {
  expect(await codeOf(readConfig({}, join(await tempDir(), 'none.json')))).toBe('usage/invalid-argument')
})

test('every limit can be configured', () => {
  expect(configSchema.parse({ limits: DEFAULT_LIMITS }).limits).toEqual(DEFAULT_LIMITS)
})
