import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { privateFolder } from '../../src/adapters/files/private-folder.ts'
import { decodeKeyRing } from '../../src/domain/store/key-ring.ts'
import {
  createStoreKey,
  type Keystore,
  openStoreKey,
  rewrapStoreKey,
  type StoreKeys,
  storeKeyKinds,
  type Unlock,
} from '../../src/domain/store/store-key.ts'
import { type ErrorCode, isDchatError } from '../../src/errors.ts'
import { freshPath } from './temp.ts'

const crypto = nodeCrypto()
const has = (code: ErrorCode) => (error: unknown) => isDchatError(error, code)

let dir: string
let keys: StoreKeys
beforeEach(() => {
  dir = freshPath('profile')
  keys = { files: privateFolder(dir), crypto, cost: { memory: 64, passes: 1 } }
})

const PASS: Unlock = { passphrase: 'correct horse' }
const FILE: Unlock = { keyFile: true }
/** A keystore that XORs: enough to see that it was asked. */
const keystore = (pad = 0x5a): Keystore => ({
  wrap: async (key) => key.map((byte) => byte ^ pad),
  unwrap: async (wrapped) => wrapped.map((byte) => byte ^ pad),
})

test.each<[string, Unlock]>([
  ['a passphrase', PASS],
  ['a passphrase as bytes', { passphrase: new TextEncoder().encode('correct horse') }],
  ['a key file', FILE],
  ['a keystore', { keystore: keystore() }],
])('%s opens the key that it was made with', async (_, unlock) => {
  const key = await createStoreKey(keys, [unlock])
  expect(key.length).toBe(32)
  expect(await openStoreKey(keys, unlock)).toEqual(key)
  await expect(createStoreKey(keys, [unlock])).rejects.toSatisfy(has('identity/exists'))
})

test('the default cost is 64 MiB and three passes, and it stands in the file', async () => {
  const { cost: _, ...defaults } = keys
  const key = await createStoreKey(defaults, [PASS])
  expect(decodeKeyRing(readFileSync(join(dir, 'store.keys')), 'p')).toMatchObject([{ memory: 65_536, passes: 3 }])
  expect(await openStoreKey({ ...keys, cost: { memory: 8, passes: 1 } }, PASS)).toEqual(key)
})

describe('what does not open it', () => {
  test('another passphrase: identity/wrong-passphrase, which shows neither of the two', async () => {
    await createStoreKey(keys, [PASS])
    const error = await openStoreKey(keys, { passphrase: 'Correct Horse' }).catch((e: unknown) => e)
    expect(error).toSatisfy(has('identity/wrong-passphrase'))
    expect(inspect(error, { depth: 9 }).toLowerCase()).not.toContain('horse')
  })

  test('no passphrase: identity/locked', async () => {
    await createStoreKey(keys, [PASS])
    await expect(openStoreKey(keys, FILE)).rejects.toSatisfy(has('identity/locked'))
  })

  test('a passphrase where a key file opens it, and an empty one: usage/invalid-argument', async () => {
    await expect(createStoreKey(keys, [{ passphrase: '' }])).rejects.toSatisfy(has('usage/invalid-argument'))
    await createStoreKey(keys, [FILE])
    await expect(openStoreKey(keys, PASS)).rejects.toSatisfy(has('usage/invalid-argument'))
  })

  test('nothing there: identity/none', async () => {
    await expect(openStoreKey(keys, PASS)).rejects.toSatisfy(has('identity/none'))
    expect(existsSync(dir)).toBe(false)
  })

  test('a key file that is missing or of another store: storage/corrupt', async () => {
    await createStoreKey(keys, [FILE])
    for (const content of ['', 'not hex', '00'.repeat(32), '0'.repeat(5_000)]) {
      writeFileSync(join(dir, 'store.key'), content)
      await expect(openStoreKey(keys, FILE)).rejects.toSatisfy(has('storage/corrupt'))
    }
    await keys.files.remove('store.key')
    await expect(openStoreKey(keys, FILE)).rejects.toSatisfy(has('storage/corrupt'))
  })

  test('a keystore that refuses: identity/locked; one that gives something else: storage/corrupt', async () => {
    await createStoreKey(keys, [{ keystore: keystore() }])
    const refuses = { ...keystore(), unwrap: async () => Promise.reject(new Error('locked')) }
    await expect(openStoreKey(keys, { keystore: refuses })).rejects.toSatisfy(has('identity/locked'))
    for (const other of [new Uint8Array(31), new Uint8Array(32)]) {
      const wrong = { ...keystore(), unwrap: async () => other }
      await expect(openStoreKey(keys, { keystore: wrong })).rejects.toSatisfy(has('storage/corrupt'))
    }
  })
})

describe('passphrases', () => {
  test('are the same however a keyboard composes their letters', async () => {
    const key = await createStoreKey(keys, [{ passphrase: 'caf\u00e9' }])
    expect(await openStoreKey(keys, { passphrase: 'cafe\u0301' })).toEqual(key)
    expect(await openStoreKey(keys, { passphrase: new TextEncoder().encode('cafe\u0301') })).toEqual(key)
  })

  test('stand beside a keystore as a fallback', async () => {
    const key = await createStoreKey(keys, [{ keystore: keystore() }, PASS])
    expect(await storeKeyKinds(keys)).toEqual(['keystore', 'passphrase'])
    expect(await openStoreKey(keys, { keystore: keystore() })).toEqual(key)
    expect(await openStoreKey(keys, PASS)).toEqual(key)
  })
})

test('a keystore that refuses a new key leaves no ring behind', async () => {
  const refuses = { ...keystore(), wrap: async () => Promise.reject(new Error('no room')) }
  await expect(createStoreKey(keys, [{ keystore: refuses }])).rejects.toSatisfy(has('storage/unavailable'))
  expect(await storeKeyKinds(keys)).toEqual([])
})

describe('a rewrap', () => {
  test('changes what opens the key, not the key', async () => {
    const key = await createStoreKey(keys, [PASS])
    const next: Unlock = { passphrase: 'another one' }
    await rewrapStoreKey(keys, PASS, [next])
    expect(await openStoreKey(keys, next)).toEqual(key)
    await expect(openStoreKey(keys, PASS)).rejects.toSatisfy(has('identity/wrong-passphrase'))
  })

  test('from a key file to a passphrase and back leaves no file that opens nothing', async () => {
    const key = await createStoreKey(keys, [FILE])
    await rewrapStoreKey(keys, FILE, [PASS])
    expect(readdirSync(dir)).toEqual(['store.keys'])
    await rewrapStoreKey(keys, PASS, [FILE])
    expect(readdirSync(dir).sort()).toEqual(['store.key', 'store.keys'])
    expect(await openStoreKey(keys, FILE)).toEqual(key)
  })

  test('that is refused or interrupted at any write leaves the old way open', async () => {
    const key = await createStoreKey(keys, [PASS])
    await expect(rewrapStoreKey(keys, { passphrase: 'wrong' }, [FILE])).rejects.toSatisfy(
      has('identity/wrong-passphrase'),
    )
    await expect(rewrapStoreKey(keys, PASS, [])).rejects.toSatisfy(has('usage/invalid-argument'))
    for (const file of ['store.key', 'store.keys']) {
      const write: StoreKeys['files']['write'] = async (name, content) => {
        if (name === file) throw new Error('power cut')
        return keys.files.write(name, content)
      }
      await expect(rewrapStoreKey({ ...keys, files: { ...keys.files, write } }, PASS, [FILE])).rejects.toThrow(
        'power cut',
      )
      expect(await openStoreKey(keys, PASS)).toEqual(key)
    }
  })
})

describe('the files', () => {
  test.skipIf(process.platform === 'win32')('are 0600 in a folder of 0700 and no half of one stays', async () => {
    await createStoreKey(keys, [FILE, PASS])
    expect(readdirSync(dir).sort()).toEqual(['store.key', 'store.keys'])
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
  })

  test('of a newer version are refused as such', async () => {
    await createStoreKey(keys, [PASS])
    writeFileSync(join(dir, 'store.keys'), '{"version":2,"wraps":"another form"}')
    await expect(openStoreKey(keys, PASS)).rejects.toSatisfy(has('storage/newer-schema'))
  })

  test('that name costs which argon2id does not take are storage/corrupt', async () => {
    await createStoreKey(keys, [PASS])
    const whole = readFileSync(join(dir, 'store.keys'), 'utf8')
    for (const [was, is] of [
      ['"memory": 64', '"memory": 7'],
      ['"memory": 64', '"memory": 1048577'],
      ['"passes": 1', '"passes": 0'],
      ['"passes": 1', '"passes": 65'],
    ] as const) {
      expect(whole).toContain(was)
      writeFileSync(join(dir, 'store.keys'), whole.replace(was, is))
      await expect(openStoreKey(keys, PASS)).rejects.toSatisfy(has('storage/corrupt'))
    }
  })

  test('that were damaged give a typed error, and never cost more than the limits', async () => {
    await createStoreKey(keys, [PASS, FILE])
    const whole = readFileSync(join(dir, 'store.keys'), 'utf8')
    const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(4), fc.string({ maxLength: 6 }))
    fc.assert(
      fc.property(edit, ([at, cut, text]) => {
        const damaged = whole.slice(0, at) + text + whole.slice(at + cut)
        try {
          for (const wrap of decodeKeyRing(new TextEncoder().encode(damaged), 'p'))
            if (wrap.kind === 'passphrase') expect(wrap.memory * wrap.passes).toBeLessThanOrEqual(64 * 1024 * 1024)
        } catch (error) {
          expect(isDchatError(error)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
