import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chosenFiles, extensionsOf, plainName } from '../../src/core/handlers/files.ts'
import { PART } from '../../src/core/ipc.ts'

let folder = ''
let chosen: string | undefined
const dialogs = { save: async () => chosen, open: async () => chosen }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dchat-files-'))
})
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a file that is saved', () => {
  test('stands under its name when it is complete, and not before', async () => {
    chosen = join(folder, 'backup.dchat')
    await writeFile(chosen, 'the old one')
    const files = chosenFiles(dialogs)
    const id = (await files.save('backup.dchat')) as string
    await files.write({ id, bytes: Buffer.from('one ') })
    await files.write({ id, bytes: Buffer.from('two') })
    expect(await readFile(chosen, 'utf8')).toBe('the old one')
    await files.finish(id)
    expect(await readFile(chosen, 'utf8')).toBe('one two')
    expect(await readdir(folder)).toEqual(['backup.dchat'])
  })

  test('leaves nothing behind when it is given up, or the page goes away', async () => {
    chosen = join(folder, 'receipt.json')
    const files = chosenFiles(dialogs)
    const first = (await files.save('receipt.json')) as string
    await files.write({ id: first, bytes: Buffer.from('half') })
    await files.abandon(first)
    await files.save('receipt.json')
    await files.close()
    expect(await readdir(folder)).toEqual([])
  })

  test('is none if the person thought better of it, or the folder takes nothing', async () => {
    chosen = undefined
    expect(await chosenFiles(dialogs).save('a')).toBeUndefined()
    chosen = join(folder, 'nowhere', 'a')
    await expect(chosenFiles(dialogs).save('a')).rejects.toMatchObject({ code: 'storage/unavailable' })
  })

  test('is known by the name that was given for it, and by no path', async () => {
    const files = chosenFiles(dialogs)
    for (const id of [join(folder, 'a'), '../a', ''])
      await expect(files.write({ id, bytes: new Uint8Array() })).rejects.toMatchObject({
        code: 'usage/invalid-argument',
      })
  })
})

describe('a file that is opened', () => {
  test('is read in parts, as often as it is asked for', async () => {
    chosen = join(folder, 'photo.png')
    const content = Buffer.alloc(PART + 5, 7)
    await writeFile(chosen, content)
    const files = chosenFiles(dialogs)
    const file = await files.open('.png')
    expect(file).toMatchObject({ name: 'photo.png', size: PART + 5 })
    const id = file?.id as string
    expect(basename(id)).toBe(id)
    for (let round = 0; round < 2; round += 1) {
      expect((await files.read({ id, from: 0 })).length).toBe(PART)
      expect(await files.read({ id, from: PART })).toEqual(new Uint8Array(5).fill(7))
      expect((await files.read({ id, from: PART + 5 })).length).toBe(0)
    }
  })

  test('that was never chosen is not read, wherever it is', async () => {
    const files = chosenFiles(dialogs)
    await expect(files.read({ id: '/etc/hostname', from: 0 })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  test('and is gone is told without its path', async () => {
    chosen = join(folder, 'gone.txt')
    await expect(chosenFiles(dialogs).open('')).rejects.toMatchObject({
      code: 'storage/unavailable',
      message: expect.not.stringContaining(folder),
    })
  })
})

test('names that the page suggests are names and nothing else', () => {
  expect(plainName('Receipt 3f9a.json')).toBe('Receipt 3f9a.json')
  expect(plainName('../../.bashrc')).toBe('bashrc')
  expect(plainName('C:\\Windows\\a<b>.txt')).toBe('a_b_.txt')
  expect(plainName('')).toBe('file')
  expect(plainName('/')).toBe('file')
})

test('a dialog is told the endings of files that a page accepts', () => {
  expect(extensionsOf('.json, .dchat-backup,image/*')).toEqual(['json', 'dchat-backup'])
  expect(extensionsOf('')).toEqual([])
})
