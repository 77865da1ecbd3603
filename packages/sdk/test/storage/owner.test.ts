import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireOwner } from '../../src/adapters/owner/lock-file.ts'
import { isDchatError } from '../../src/errors.ts'
import { buildChild } from './child.ts'
import { freshPath } from './temp.ts'

const refusal = (dir: string): unknown => {
  try {
    acquireOwner(dir, 'the second').release()
  } catch (error) {
    return isDchatError(error) ? [error.code, error.details] : error
  }
  return undefined
}

test('one owner at a time, named to the second one, also within one process', () => {
  const dir = freshPath('profile')
  const owner = acquireOwner(dir, 'dchat listen')
  expect(refusal(dir)).toEqual(['storage/in-use', { store: dir, owner: `dchat listen (process ${process.pid})` }])
  owner.release()
  owner.release()
  expect(refusal(dir)).toBeUndefined()
})

test('a refused second owner does not loosen the lock of the first', () => {
  const dir = freshPath('profile')
  const owner = acquireOwner(dir, 'first')
  for (let i = 0; i < 3; i++) expect(refusal(dir)).toBeDefined()
  owner.release()
})

test('the lock counts, not the note beside it', () => {
  const dir = freshPath('profile')
  const first = acquireOwner(dir, 'first')
  writeFileSync(join(dir, 'owner.json'), '{ half a no')
  expect(refusal(dir)).toEqual(['storage/in-use', { store: dir, owner: 'another process' }])
  first.release()
  expect(existsSync(join(dir, 'owner.json'))).toBe(true)
  const second = acquireOwner(dir, 'second')
  expect(JSON.parse(readFileSync(join(dir, 'owner.json'), 'utf8')).owner).toBe('second')
  second.release()
})

test('a note that cannot be written, as on a full disk, is left out and the store opens all the same', () => {
  const dir = freshPath('profile')
  acquireOwner(dir, 'first').release()
  rmSync(join(dir, 'owner.json'))
  // A folder that is not empty cannot be replaced by a file.
  mkdirSync(join(dir, 'owner.json', 'in the way'), { recursive: true })
  const owner = acquireOwner(dir, 'second')
  expect(refusal(dir)).toEqual(['storage/in-use', { store: dir, owner: 'another process' }])
  owner.release()
  expect(readdirSync(dir)).toEqual(['owner.lock'])
})

test('kill -9 frees the folder for the next process', async () => {
  const dir = freshPath('profile')
  const script = await buildChild('owner-child')
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    expect(refusal(dir)).toEqual(['storage/in-use', { store: dir, owner: `the child (process ${child.pid})` }])
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(refusal(dir)).toBeUndefined()
  }
})
