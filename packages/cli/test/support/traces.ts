import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const base64Forms = (bytes: Buffer): Buffer[] =>
  // A text may begin at any of three places of a group of bytes; the characters that depend on its neighbours are cut.
  [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
    const inner = whole.subarray(0, whole.length - (whole.length % 3)).toString('base64')
    const cut = inner.slice(shift === 0 ? 0 : 4)
    return [cut, cut.replaceAll('+', '-').replaceAll('/', '_')].map((text) => Buffer.from(text))
  })

/** How a text may stand in a file: UTF-8, UTF-16 both ways, and base64 at every offset and hex of them. */
export const formsOf = (text: string): readonly Buffer[] => {
  const utf8 = Buffer.from(text)
  const utf16 = Buffer.from(text, 'utf16le')
  const hex = [utf8, utf16].map((bytes) => bytes.toString('hex'))
  return [
    utf8,
    utf16,
    Buffer.from(utf16).swap16(),
    ...base64Forms(utf8),
    ...base64Forms(utf16),
    ...hex.flatMap((form) => [form, form.toUpperCase()]).map((form) => Buffer.from(form)),
  ]
}

export const contains = (bytes: Uint8Array, text: string): boolean => {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return formsOf(text).some((form) => whole.includes(form))
}

/** Every file below a folder, by its path. Sockets are no files. */
export const filesBelow = async (folder: string): Promise<ReadonlyMap<string, Buffer>> => {
  const found = new Map<string, Buffer>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found.set(path, await readFile(path))
  }
  return found
}
