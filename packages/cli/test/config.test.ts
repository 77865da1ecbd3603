import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDchatError } from '@dchat/sdk/errors'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configFile, parseConfig, readConfig, writeProfileConfig } from '../src/config/config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dchat-cli-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the settings file', () => {
  test('is empty where there is none, and private where it was written', async () => {
    const place = join(folder, 'deep', 'config')
    expect(await readConfig(place)).toEqual({ profiles: {} })
    await writeProfileConfig(place, 'alice', { relays: ['ws://a'] })
    expect(await readConfig(place)).toEqual({ profiles: { alice: { relays: ['ws://a'] } } })
    expect((await stat(configFile(place))).mode & 0o777).toBe(0o600)
    expect((await stat(place)).mode & 0o777).toBe(0o700)
  })

  test('keeps what it does not know', async () => {
    const before = { later: { x: 1 }, profile: 'bob', profiles: { bob: { relays: ['ws://b'], colour: 'red' } } }
    await writeFile(configFile(folder), JSON.stringify(before))
    await writeProfileConfig(folder, 'alice', { relays: [] })
    await writeProfileConfig(folder, 'bob', { relays: ['ws://c'] })
    expect(JSON.parse(await readFile(configFile(folder), 'utf8'))).toEqual({
      ...before,
      profiles: { bob: { relays: ['ws://c'], colour: 'red' }, alice: { relays: [] } },
    })
    expect((await readConfig(folder)).profile).toBe('bob')
  })

  test('is either understood or named as damaged, whatever is in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          expect(parseConfig(text, 'f')).toHaveProperty('profiles')
        } catch (error) {
          expect(isDchatError(error, 'storage/corrupt')).toBe(true)
        }
      }),
    )
    for (const text of [
      '{"profile":1}',
      '{"profiles":[]}',
      '{"profiles":{"a":{"relays":[1]}}}',
      '{"profiles":{"a":7}}',
    ])
      expect(() => parseConfig(text, 'f')).toThrow('damaged')
  })
})
