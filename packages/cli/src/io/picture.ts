import { open, writeFile } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/errors'
import type { PictureView } from '../methods/group-types.ts'

/** Bytes; docs/protocol/groups.md. */
const LIMIT = 16 * 1024

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'))

/** By what stands in it, whatever the file is called. */
const mediaTypeOf = (bytes: Buffer): string | undefined => {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (startsWith(bytes, '\xff\xd8\xff')) return 'image/jpeg'
  return startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8) ? 'image/webp' : undefined
}

const bad = (reason: string): DchatError => new DchatError('usage/invalid-argument', { name: 'picture', reason })

/** Throws `usage/invalid-argument` for what is no small picture. */
export const readPicture = async (path: string): Promise<PictureView> => {
  const file = await open(path).catch((cause: unknown) => {
    throw new DchatError('usage/invalid-argument', { name: 'picture', reason: 'the file cannot be read' }, { cause })
  })
  try {
    // One byte more than allowed tells that it is too large, without reading a film into memory.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LIMIT + 1), 0, LIMIT + 1, 0)
    if (bytesRead > LIMIT) throw bad(`the file is larger than ${LIMIT} bytes`)
    const bytes = buffer.subarray(0, bytesRead)
    const mediaType = mediaTypeOf(bytes)
    if (mediaType === undefined) throw bad('the file is neither PNG nor JPEG nor WebP')
    return { mediaType, data: bytes.toString('base64') }
  } finally {
    await file.close()
  }
}

/** Into a new file only: nothing of the user's is written over. */
export const savePicture = async (path: string, { data }: PictureView): Promise<void> => {
  try {
    await writeFile(path, Buffer.from(data, 'base64'), { flag: 'wx' })
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    if (!exists) throw cause
    throw new DchatError('usage/invalid-argument', { name: '--save', reason: 'this file exists' }, { cause })
  }
}
