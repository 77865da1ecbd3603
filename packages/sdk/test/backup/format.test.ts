import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { openBackup } from '../../src/domain/backup/read.ts'
import type { BackupRow } from '../../src/domain/backup/records.ts'
import { CHUNK, sealStream } from '../../src/domain/backup/stream.ts'
import { writeBackup } from '../../src/domain/backup/write.ts'
import { isDchatError } from '../../src/errors.ts'
import { TABLES } from '../../src/ports/storage.ts'
import { concat } from '../../src/util/bytes.ts'

const crypto = nodeCrypto()
const CHEAP = { memory: 64, passes: 1 }
const PASSPHRASE = 'a passphrase'

async function* from<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = []
  for await (const item of items) out.push(item)
  return out
}
const fileOf = async (rows: readonly BackupRow[], said = rows.length): Promise<Uint8Array> =>
  concat(
    ...(await all(
      writeBackup(
        crypto,
        PASSPHRASE,
        async () => ({ createdAt: 17, rows: said, all: from(rows), close: async () => undefined }),
        CHEAP,
      ),
    )),
  )
const read = async (file: Uint8Array, passphrase = PASSPHRASE, parts: readonly Uint8Array[] = [file]) => {
  const { createdAt, rows, all: content } = await openBackup(crypto, from(parts), passphrase)
  return { createdAt, rows, all: await all(content) }
}
const failure = async (file: Uint8Array): Promise<string> => {
  try {
    await read(file)
    return 'it reads'
  } catch (error) {
    if (!isDchatError(error)) throw error
    return error.code
  }
}

const someRows = (count: number, size = 100): BackupRow[] =>
  Array.from({ length: count }, (_, i) => ({
    table: TABLES[i % TABLES.length] as BackupRow['table'],
    key: `key/${i}`,
    ...(i % 3 === 0 ? { scope: 'list', position: i - 5 } : {}),
    value: { text: `row ${i}`, bytes: new Uint8Array(size).fill(i), list: [i, null, true] },
  }))

const row: fc.Arbitrary<BackupRow> = fc
  .tuple(
    fc.constantFrom(...TABLES),
    fc.string({ minLength: 1, maxLength: 50, unit: 'binary' }),
    fc.option(fc.tuple(fc.string({ maxLength: 20 }), fc.maxSafeInteger())),
    fc.oneof(
      fc.string(),
      fc.maxSafeInteger(),
      fc.uint8Array({ maxLength: 70_000 }).map((b) => Uint8Array.from(b)),
    ),
  )
  .map(([table, key, place, value]) => ({
    table,
    key,
    ...(place === null ? {} : { scope: place[0], position: place[1] }),
    value,
  }))

describe('a backup file', () => {
  test('gives back what was written, in parts of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.integer({ min: 1, max: 100_000 }), async (rows, size) => {
        const file = await fileOf(rows)
        const parts: Uint8Array[] = []
        for (let at = 0; at < file.length; at += size) parts.push(file.subarray(at, at + size))
        expect(await read(file, PASSPHRASE, parts)).toEqual({ createdAt: 17, rows: rows.length, all: rows })
      }),
      { numRuns: 30 },
    )
  })

  test('of one state is another file each time, and shows nothing of what it holds', async () => {
    const [one, two] = [await fileOf(someRows(50)), await fileOf(someRows(50))]
    expect(one.length).toBe(two.length)
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(false)
    expect(Buffer.from(one).includes('row 7')).toBe(false)
  })

  test('does not open with another passphrase, and says so; the same letters composed otherwise are the same', async () => {
    const file = await fileOf(someRows(3))
    await expect(read(file, 'another')).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
    await expect(read(file, '')).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    const accented = concat(
      ...(await all(
        writeBackup(
          crypto,
          'caf\u00e9',
          async () => ({ createdAt: 1, rows: 0, all: from([]), close: async () => undefined }),
          CHEAP,
        ),
      )),
    )
    expect((await read(accented, 'cafe\u0301')).rows).toBe(0)
  })

  test('cut off at any place is damaged', async () => {
    const file = await fileOf(someRows(900, 300))
    const ends = [...Array.from({ length: 40 }, (_, i) => Math.floor((file.length * i) / 40)), file.length - 1]
    for (const end of ends) expect(await failure(file.subarray(0, end))).toBe('backup/damaged')
    // Between two chunks, exactly: nothing is torn, and yet something is missing.
    const start = 14 + 2 + (((file[14] as number) << 8) | (file[15] as number))
    expect(file.length).toBeGreaterThan(start + 2 * (CHUNK + 16))
    for (const chunks of [0, 1, 2])
      expect(await failure(file.subarray(0, start + chunks * (CHUNK + 16)))).toBe('backup/damaged')
  })

  test('with chunks exchanged, repeated, left out or of another file is damaged', async () => {
    const [file, other] = [await fileOf(someRows(900, 300)), await fileOf(someRows(900, 300))]
    const start = 14 + 2 + (((file[14] as number) << 8) | (file[15] as number))
    const parts = (bytes: Uint8Array) => {
      const chunks: Uint8Array[] = []
      for (let at = start; at < bytes.length; at += CHUNK + 16) chunks.push(bytes.subarray(at, at + CHUNK + 16))
      return [bytes.subarray(0, start), ...chunks]
    }
    const [head, a, b, ...rest] = parts(file) as [Uint8Array, Uint8Array, Uint8Array, ...Uint8Array[]]
    const [otherHead, , foreign] = parts(other) as [Uint8Array, Uint8Array, Uint8Array]
    for (const forged of [
      [head, b, a, ...rest],
      [head, a, a, b, ...rest],
      [head, b, ...rest],
      [head, a, foreign, ...rest],
      [otherHead, a, b, ...rest],
      [head, a, b, ...rest, Uint8Array.of(0)],
      [head, a, b, ...rest, rest.at(-1) as Uint8Array],
    ])
      expect(await failure(concat(...forged))).toBe('backup/damaged')
    expect(await failure(concat(head, a, b, ...rest))).toBe('it reads')
  })

  test('with any one bit changed gives a typed error and nothing else', async () => {
    const file = await fileOf(someRows(40, 50))
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: file.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const forged = file.slice()
          forged[at] = (forged[at] as number) ^ (1 << bit)
          expect(['backup/damaged', 'protocol/unsupported-version', 'identity/wrong-passphrase']).toContain(
            await failure(forged),
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  test('of any bytes at all gives a typed error', async () => {
    const magic = (await fileOf([])).subarray(0, 14)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, named) => {
        const forged = named ? concat(magic, bytes) : Uint8Array.from(bytes)
        expect(['backup/damaged', 'protocol/unsupported-version']).toContain(await failure(forged))
      }),
      { numRuns: 200 },
    )
  })

  test('of a version to come is refused as such', async () => {
    const file = (await fileOf([])).slice()
    file[13] = 2
    await expect(read(file)).rejects.toMatchObject({ code: 'protocol/unsupported-version', details: { found: [2] } })
  })

  test('that does not hold what it says to hold is damaged', async () => {
    expect(await failure(await fileOf(someRows(5), 6))).toBe('backup/damaged')
    expect(await failure(await fileOf(someRows(5), 4))).toBe('backup/damaged')
  })

  test('that asks for a monstrous key derivation is refused before it is tried', async () => {
    const file = await fileOf([])
    const at = Buffer.from(file).indexOf(Buffer.from([0x18, 64])) // memory: 64
    const forged = concat(file.subarray(0, at), Uint8Array.of(0x1a, 0x7f, 0xff, 0xff, 0xff), file.subarray(at + 2))
    forged[15] = (forged[15] as number) + 3
    expect(await failure(forged)).toBe('backup/damaged')
  })
})

test('no two chunks are sealed under one nonce, and all but the last are full', async () => {
  const nonces: string[] = []
  const sizes: number[] = []
  const aead = {
    ...crypto.aead,
    seal: async (_: Uint8Array, nonce: Uint8Array, plain: Uint8Array) => {
      nonces.push(Buffer.from(nonce).toString('hex'))
      sizes.push(plain.length)
      return plain
    },
  }
  const parts = [CHUNK, CHUNK - 1, 1, 3 * CHUNK + 5, 0, CHUNK - 5].map((size) => new Uint8Array(size))
  await all(sealStream(aead, new Uint8Array(32), from(parts)))
  expect(new Set(nonces).size).toBe(nonces.length)
  expect(sizes).toEqual(Array.from({ length: 6 }, () => CHUNK))
  expect(nonces.map((nonce) => nonce.slice(-2))).toEqual(['00', '00', '00', '00', '00', '01'])
})
