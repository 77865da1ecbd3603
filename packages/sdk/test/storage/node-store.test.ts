import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { ErrorCode } from '../../src/errors.ts'
import { isDchatError } from '../../src/errors.ts'
import { type NodeStore, openNodeStore, relockNodeStore } from '../../src/node.ts'
import { freshPath } from './temp.ts'

const has = (code: ErrorCode) => (error: unknown) => isDchatError(error, code)
const passphrase = 'correct horse'

let dir: string
beforeEach(() => {
  dir = freshPath('profile')
})

const write = ({ store }: NodeStore) => store.write(async (tx) => tx.put('meta', { key: 'a', value: { n: 1 } }))
const read = ({ store }: NodeStore) => store.read((tx) => tx.get('meta', 'a'))

test('what was written is read after the store was closed and opened again', async () => {
  const first = await openNodeStore({ dir, create: true })
  await write(first)
  await first.close()
  await first.close()
  const second = await openNodeStore({ dir })
  expect(await read(second)).toEqual({ n: 1 })
  await second.close()
})

test('a look at a profile that is not there leaves nothing behind', async () => {
  await expect(openNodeStore({ dir })).rejects.toSatisfy(has('identity/none'))
  expect(existsSync(dir)).toBe(false)
})

test('while it is open, another one is storage/in-use with the name of the owner', async () => {
  const first = await openNodeStore({ dir, create: true, owner: 'dchat listen' })
  const second = await openNodeStore({ dir }).catch((error: unknown) => error)
  expect(second).toMatchObject({ code: 'storage/in-use', details: { owner: `dchat listen (process ${process.pid})` } })
  await expect(relockNodeStore(dir, { keyFile: true }, [{ passphrase }])).rejects.toSatisfy(has('storage/in-use'))
  await first.close()
})

test('a refused passphrase frees the folder again', async () => {
  await (await openNodeStore({ dir, create: true, unlock: { passphrase } })).close()
  await expect(openNodeStore({ dir, unlock: { passphrase: 'wrong' } })).rejects.toSatisfy(
    has('identity/wrong-passphrase'),
  )
  await expect(openNodeStore({ dir })).rejects.toSatisfy(has('identity/locked'))
  await (await openNodeStore({ dir, unlock: { passphrase } })).close()
})

test('a changed lock opens the same rows', async () => {
  const first = await openNodeStore({ dir, create: true })
  await write(first)
  await first.close()
  await relockNodeStore(dir, { keyFile: true }, [{ passphrase }])
  const second = await openNodeStore({ dir, unlock: { passphrase } })
  expect(await read(second)).toEqual({ n: 1 })
  await second.close()
})

test('rows without their keys are not covered by new ones', async () => {
  await (await openNodeStore({ dir, create: true })).close()
  rmSync(join(dir, 'store.keys'))
  await expect(openNodeStore({ dir, create: true })).rejects.toSatisfy(has('storage/corrupt'))
})

test.skipIf(process.platform === 'win32')('every file of the folder is for its owner only', async () => {
  const opened = await openNodeStore({ dir, create: true })
  await write(opened)
  expect(readdirSync(dir).length).toBeGreaterThan(4)
  for (const name of readdirSync(dir)) expect([name, statSync(join(dir, name)).mode & 0o077]).toEqual([name, 0])
  expect(statSync(dir).mode & 0o077).toBe(0)
  await opened.close()
})
