/** Where a table of LevelDB says that it is one: the last eight bytes. */
const MAGIC = 'db4775248b80fb57'
const FOOTER = 48
const SNAPPY = 1

interface Cursor {
  at: number
}

const varint = (bytes: Uint8Array, cursor: Cursor): number => {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw new Error('a number ends too early')
    value += (byte & 127) * factor
    if (byte < 128) return value
  }
}

/** Snappy's raw format: a length, then literals and copies of what is there already. */
const snappyDecoded = (bytes: Uint8Array): Uint8Array => {
  const cursor = { at: 0 }
  const out = new Uint8Array(varint(bytes, cursor))
  const little = (length: number): number => {
    let value = 0
    for (let i = 0; i < length; i++) value += (bytes[cursor.at++] as number) * 256 ** i
    return value
  }
  let end = 0
  while (cursor.at < bytes.length) {
    const tag = bytes[cursor.at++] as number
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const length = 1 + (short < 60 ? short : little(short - 59))
      out.set(bytes.subarray(cursor.at, cursor.at + length), end)
      cursor.at += length
      end += length
      continue
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    const distance = kind === 1 ? (tag >> 5) * 256 + little(1) : little(kind === 2 ? 2 : 4)
    // A copy may reach into what it writes.
    for (let i = 0; i < length; i++, end++) out[end] = out[end - distance] as number
  }
  if (end !== out.length) throw new Error('a block has another length than it says')
  return out
}

/** The block that a handle, a place and a length, points to. */
const block = (table: Uint8Array, handle: Uint8Array, cursor: Cursor = { at: 0 }): Uint8Array => {
  const start = varint(handle, cursor)
  const length = varint(handle, cursor)
  const content = table.subarray(start, start + length)
  return table[start + length] === SNAPPY ? snappyDecoded(content) : content
}

/** Keys are written without what they share with the one before. */
const entries = (content: Uint8Array): readonly { readonly key: Uint8Array; readonly value: Uint8Array }[] => {
  const restarts = new DataView(content.buffer, content.byteOffset).getUint32(content.length - 4, true)
  const end = content.length - 4 * (restarts + 1)
  const found: { key: Uint8Array; value: Uint8Array }[] = []
  const cursor = { at: 0 }
  let key = new Uint8Array()
  while (cursor.at < end) {
    const [shared, rest, size] = [varint(content, cursor), varint(content, cursor), varint(content, cursor)]
    key = Uint8Array.of(...key.subarray(0, shared), ...content.subarray(cursor.at, cursor.at + rest))
    cursor.at += rest + size
    found.push({ key, value: content.subarray(cursor.at - size, cursor.at) })
  }
  return found
}

export const isTable = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(-8)).reverse().toString('hex') === MAGIC

/** Everything in a table of LevelDB, decompressed and with whole keys; without it a search would miss what is packed. */
export const tableContents = (table: Uint8Array): Uint8Array => {
  const footer = { at: table.length - FOOTER }
  // The index stands behind the place of another block.
  varint(table, footer)
  varint(table, footer)
  const parts: Uint8Array[] = []
  for (const { value } of entries(block(table, table, footer)))
    for (const entry of entries(block(table, value))) parts.push(entry.key, entry.value)
  return Buffer.concat(parts)
}
