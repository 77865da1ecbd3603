import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deleteDatabase } from '../../../src/adapters/storage/dexie-database.ts'
import { memoryStorage } from '../../../src/adapters/storage/memory.ts'
import { dexieStorage, type Storage } from '../../../src/dexie.ts'
import { isDchatError } from '../../../src/errors.ts'
import type { PageQuery, Reader, Row, Writer } from '../../../src/ports/storage.ts'

/** More than are read at once. */
const PLACES = 200

const place = fc.integer({ min: 0, max: PLACES - 1 })
const at = (id: number, position: number, byte = 0): Row => ({
  key: `k${id}`,
  scope: 'a',
  position,
  value: Uint8Array.of(byte),
})

type Change = (tx: Writer) => void

/** Rows leave in stretches, come to their own places, and sometimes to another one's. */
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.tuple(place, fc.integer({ min: 1, max: 120 })).map(
      ([from, count]): Change =>
        (tx) => {
          for (let id = from; id < from + count; id++) tx.delete('messages', `k${id}`)
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(place, fc.nat(255)).map(
      ([id, byte]): Change =>
        (tx) =>
          tx.put('messages', at(id, id, byte)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, place).map(
      ([id, position]): Change =>
        (tx) =>
          tx.put('messages', at(id, position)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, place).map(
      ([one, other]): Change =>
        (tx) => {
          tx.put('messages', at(one, other))
          tx.put('messages', at(other, one))
        },
    ),
  },
)
const changes = fc.array(change, { maxLength: 6 })
const full: Change = (tx) => {
  for (let id = 0; id < PLACES; id++) tx.put('messages', at(id, id))
}
const query: fc.Arbitrary<PageQuery> = fc.record(
  {
    scope: fc.constant('a'),
    after: fc.integer({ min: -1, max: PLACES }),
    before: fc.integer({ min: 0, max: PLACES + 1 }),
    limit: fc.integer({ min: 0, max: PLACES }),
    order: fc.constantFrom('ascending', 'descending'),
  },
  { requiredKeys: ['scope', 'limit'] },
)

const write = async (storage: Storage, list: readonly Change[], look: PageQuery): Promise<unknown> => {
  try {
    return await storage.write(async (tx) => {
      for (const [index, apply] of list.entries()) {
        apply(tx)
        // Some of it is looked at while it is under way.
        if (index === list.length >> 1) await tx.get('messages', 'k1')
      }
      return tx.page('messages', look)
    })
  } catch (error) {
    if (isDchatError(error, 'storage/corrupt')) return 'two rows claim one place'
    throw error
  }
}

test('whatever is written meanwhile, a read sees the past it began in, and a write its own changes, as in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(changes, { minLength: 1, maxLength: 4 }),
      fc.array(query, { minLength: 4, maxLength: 4 }),
      async (later, looks) => {
        const name = `snapshot-${crypto.randomUUID()}`
        const storage = await dexieStorage(name)
        const model = memoryStorage()
        const [look, ...rest] = looks as [PageQuery, ...PageQuery[]]
        const past = (tx: Reader) => Promise.all(rest.map((wanted) => tx.page('messages', wanted)))
        try {
          await write(storage, [full], look)
          await write(model, [full], look)
          const before = await model.read(past)
          await storage.read(async (tx) => {
            // A transaction of the database is open, or not yet.
            if (look.limit % 2 === 0) expect(await past(tx)).toEqual(before)
            for (const list of later) {
              const written = write(storage, list, look)
              expect(await past(tx)).toEqual(before)
              expect(await written).toEqual(await write(model, list, look))
            }
            expect(await past(tx)).toEqual(before)
          })
          expect(await storage.read(past)).toEqual(await model.read(past))
        } finally {
          await storage.close()
          await deleteDatabase(name)
        }
      },
    ),
    { numRuns: 60 },
  )
})
