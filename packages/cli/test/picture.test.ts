import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPicture, savePicture } from '../src/io/picture.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dchat-picture-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const file = async (bytes: Buffer): Promise<string> => {
  const path = join(root, 'picture')
  await writeFile(path, bytes)
  return path
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')

describe('a picture', () => {
  test('is known by what stands in it', async () => {
    for (const [bytes, mediaType] of [
      [PNG, 'image/png'],
      [Buffer.from('ffd8ffe0', 'hex'), 'image/jpeg'],
      [Buffer.from('RIFF....WEBPVP8 '), 'image/webp'],
    ] as const)
      expect(await readPicture(await file(bytes))).toEqual({ mediaType, data: bytes.toString('base64') })
    for (const bytes of [Buffer.alloc(0), Buffer.from('GIF89a'), Buffer.from('RIFF....WAVE')])
      await expect(readPicture(await file(bytes))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  test('has at most 16 KiB', async () => {
    const largest = Buffer.concat([PNG, Buffer.alloc(16 * 1024 - PNG.length)])
    expect(Buffer.from((await readPicture(await file(largest))).data, 'base64')).toEqual(largest)
    await expect(readPicture(await file(Buffer.concat([largest, Buffer.alloc(1)])))).rejects.toThrow('larger')
    await expect(readPicture(join(root, 'none'))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  test('is saved to a new file only', async () => {
    const path = join(root, 'saved')
    await savePicture(path, { mediaType: 'image/png', data: PNG.toString('base64') })
    expect(await readFile(path)).toEqual(PNG)
    await expect(savePicture(path, { mediaType: 'image/png', data: '' })).rejects.toThrow('exists')
    expect(await readFile(path)).toEqual(PNG)
  })
})
