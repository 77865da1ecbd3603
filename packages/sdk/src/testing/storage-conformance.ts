import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isDchatError } from '../errors.ts'
import type { Row, Storage } from '../ports/storage.ts'

export interface StorageWorld {
  /** An empty storage. */
  open(): Promise<Storage>
  /** Over what the closed one left. */
  reopen(closed: Storage): Promise<Storage>
}

const bytes = (...values: number[]) => Uint8Array.from(values)
const at = (position: number, scope = 'list', key = `${scope}-${position}`): Row => ({
  key,
  scope,
  position,
  value: bytes(Math.abs(position) & 255),
})
const code = (wanted: string) => (error: unknown) => isDchatError(error) && error.code === wanted

/** What the storage port promises, as tests for vitest. Durability counts: `reopen` belongs to the contract. */
export const storageConformance = (name: string, world: StorageWorld): void => {
  describe(`storage conformance: ${name}`, () => {
    let storage: Storage

    const put = (...rows: Row[]) =>
      storage.write(async (tx) => {
        for (const row of rows) tx.put('messages', row)
      })
    const get = (key: string) => storage.read((tx) => tx.get('messages', key))
    const positions = (query: object = {}) =>
      storage.read(async (tx) => {
        const rows = await tx.page('messages', { scope: 'list', limit: 1_000, ...query })
        return rows.map((row) => row.position)
      })

    beforeEach(async () => {
      storage = await world.open()
    })
    afterEach(() => storage.close())

    describe('rows', () => {
      test('what was put is got, and what was never put is undefined', async () => {
        await put({ key: 'a', value: bytes(1, 2, 3) }, at(7))
        expect(await get('a')).toEqual({ key: 'a', value: bytes(1, 2, 3) })
        expect(await get('list-7')).toEqual(at(7))
        expect(await get('b')).toBeUndefined()
        expect(await storage.read((tx) => tx.get('outbox', 'a'))).toBeUndefined()
      })

      test('values are plain bytes of any length up to megabytes', async () => {
        const large = new Uint8Array(5_000_000).map((_, i) => i * 31)
        await put({ key: 'large', value: large }, { key: 'empty', value: bytes() })
        const value = (await get('large'))?.value as Uint8Array
        expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)
        expect(value.every((byte, i) => byte === large[i])).toBe(true)
        expect(value.length).toBe(large.length)
        expect((await get('empty'))?.value).toEqual(bytes())
      })

      test('put replaces by key, also where and whether the row stands in a list', async () => {
        await put(at(1))
        await put({ ...at(5), key: 'list-1' })
        expect(await positions()).toEqual([5])
        await put({ key: 'list-1', value: bytes(9) })
        expect(await positions()).toEqual([])
        expect(await get('list-1')).toEqual({ key: 'list-1', value: bytes(9) })
      })

      test('delete removes a row and frees its place; what is not there is no error', async () => {
        await put(at(1), at(2))
        await storage.write(async (tx) => {
          tx.delete('messages', 'list-1')
          tx.delete('messages', 'nothing')
        })
        await put(at(1, 'list', 'other'))
        expect(await get('list-1')).toBeUndefined()
        expect(await positions()).toEqual([1, 2])
      })

      test('the caller keeps its bytes and may change what it was given', async () => {
        const mine = bytes(1)
        await storage.write(async (tx) => {
          tx.put('messages', { key: 'a', value: mine })
          mine[0] = 9
          const inside = (await tx.get('messages', 'a')) as Row
          inside.value[0] = 8
        })
        const outside = (await get('a')) as Row
        expect(outside.value).toEqual(bytes(1))
        outside.value[0] = 7
        expect((await get('a'))?.value).toEqual(bytes(1))
      })

      test('keys may hold any characters, up to 200 of them', async () => {
        const keys = ['x'.repeat(200), 'é ü 漢 🙂', "'; DROP TABLE entries; --", 'a/b', 'A', 'a']
        await put(...keys.map((key, i) => ({ key, value: bytes(i) })))
        for (const [i, key] of keys.entries()) expect((await get(key))?.value).toEqual(bytes(i))
      })

      test.each([
        ['an empty key', { key: '', value: bytes() }],
        ['a key of 201 characters', { key: 'x'.repeat(201), value: bytes() }],
        ['a fraction as position', at(1.5)],
        ['a position beyond the safe integers', at(2 ** 53)],
        ['a scope without a position', { key: 'a', scope: 'list', value: bytes() }],
      ])('%s is refused and the write with it', async (_, row) => {
        await expect(put(at(1), row)).rejects.toSatisfy(code('usage/invalid-argument'))
        expect(await positions()).toEqual([])
      })
    })

    describe('pages', () => {
      const ALL = [-5, 0, 1, 2, 3, 10, Number.MAX_SAFE_INTEGER]
      beforeEach(() => put(...[...ALL].reverse().map((p) => at(p)), at(1, 'another'), { key: 'loose', value: bytes() }))

      test.each([
        ['everything ascending', {}, ALL],
        ['everything descending', { order: 'descending' }, [...ALL].reverse()],
        ['after is exclusive', { after: 1 }, [2, 3, 10, Number.MAX_SAFE_INTEGER]],
        ['before is exclusive', { before: 1 }, [-5, 0]],
        ['both bounds', { after: 0, before: 10 }, [1, 2, 3]],
        ['the limit counts from the start', { limit: 2 }, [-5, 0]],
        ['and from the end when descending', { limit: 2, order: 'descending' }, [Number.MAX_SAFE_INTEGER, 10]],
        ['a page backwards', { before: 3, limit: 2, order: 'descending' }, [2, 1]],
        ['bounds that need not exist', { after: 4, before: 9 }, []],
        ['crossed bounds', { after: 3, before: 2 }, []],
        ['no rows at all', { limit: 0 }, []],
        ['another list', { scope: 'another' }, [1]],
        ['an unknown list', { scope: 'nowhere' }, []],
      ])('%s', async (_, query, expected) => {
        expect(await positions(query)).toEqual(expected)
      })

      test('rows come as they were put', async () => {
        const rows = await storage.read((tx) => tx.page('messages', { scope: 'list', limit: 99 }))
        expect(rows).toEqual(ALL.map((p) => at(p)))
        for (const { value } of rows) expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)
      })

      test('a walk in pages meets every row once', async () => {
        await put(...Array.from({ length: 500 }, (_, i) => at(100 + i, 'walk')))
        const seen: (number | undefined)[] = []
        let after: number | undefined
        while (true) {
          const bound = after === undefined ? {} : { after }
          const rows = await storage.read((tx) => tx.page('messages', { scope: 'walk', limit: 37, ...bound }))
          if (rows.length === 0) break
          seen.push(...rows.map((row) => row.position))
          after = rows.at(-1)?.position
        }
        expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => 100 + i))
      })
    })

    describe('scans', () => {
      const keysOf = async (limit: number) => {
        const seen: string[] = []
        await storage.read(async (tx) => {
          let rows = await tx.scan('messages', { limit })
          while (rows.length > 0) {
            seen.push(...rows.map((row) => row.key))
            rows = await tx.scan('messages', { limit, after: seen.at(-1) as string })
          }
        })
        return seen
      }
      const ALL = Array.from({ length: 300 }, (_, i) => `k${String(i).padStart(3, '0')}`)
      beforeEach(() => put(...ALL.map((key, i) => (i % 2 === 0 ? { key, value: bytes(i & 255) } : at(i, 'list', key)))))

      test.each([1, 37, 300, 1_000])(
        'in pages of %d every row of a table comes once, in the order of keys',
        async (limit) => {
          await storage.write(async (tx) => tx.put('outbox', at(1)))
          expect(await keysOf(limit)).toEqual(ALL)
        },
      )

      test('rows come whole, and nothing comes of nothing', async () => {
        const [loose, listed] = await storage.read((tx) => tx.scan('messages', { limit: 2 }))
        expect(loose).toEqual({ key: 'k000', value: bytes(0) })
        expect(listed).toEqual(at(1, 'list', 'k001'))
        expect(await storage.read((tx) => tx.scan('messages', { limit: 0 }))).toEqual([])
        expect(await storage.read((tx) => tx.scan('proofs', { limit: 9 }))).toEqual([])
      })

      test('a scan sees one moment, whatever is written between its pages', async () => {
        await storage.read(async (tx) => {
          const first = await tx.scan('messages', { limit: 100 })
          await storage.write(async (writer) => {
            writer.put('messages', { key: 'k0005', value: bytes(1) })
            writer.put('messages', { key: 'k150x', value: bytes(2) })
            writer.put('messages', { key: 'k200', value: bytes(3) })
            for (let i = 100; i < 199; i++) writer.delete('messages', ALL[i] as string)
          })
          const rest = await tx.scan('messages', { limit: 1_000, after: first.at(-1)?.key as string })
          expect([...first, ...rest].map((row) => row.key)).toEqual(ALL)
          expect(rest.find(({ key }) => key === 'k200')?.value).toEqual(bytes(200))
        })
        expect((await keysOf(1_000)).length).toBe(300 + 2 - 99)
      })

      test('a write sees its own changes', async () => {
        await storage.write(async (tx) => {
          for (let i = 0; i < 150; i++) tx.delete('messages', ALL[i] as string)
          tx.put('messages', { key: 'k1499', value: bytes(7) })
          const rows = await tx.scan('messages', { limit: 3 })
          expect(rows.map((row) => row.key)).toEqual(['k1499', 'k150', 'k151'])
        })
      })
    })

    describe('places', () => {
      test('a second key at one place rejects with storage/corrupt and changes nothing', async () => {
        await put(at(1))
        await expect(put(at(2), at(1, 'list', 'thief'))).rejects.toSatisfy(code('storage/corrupt'))
        expect(await positions()).toEqual([1])
        await expect(put(at(3, 'list', 'x'), at(3, 'list', 'y'))).rejects.toSatisfy(code('storage/corrupt'))
        expect(await positions()).toEqual([1])
      })

      test('the same place in another list or table is another place', async () => {
        await put(at(1), at(1, 'another'))
        await storage.write(async (tx) => tx.put('outbox', at(1)))
        expect(await positions()).toEqual([1])
      })

      test('rows may trade places in one write', async () => {
        await put(at(1, 'list', 'a'), at(2, 'list', 'b'))
        await put(at(2, 'list', 'a'), at(1, 'list', 'b'))
        const rows = await storage.read((tx) => tx.page('messages', { scope: 'list', limit: 9 }))
        expect(rows.map((row) => row.key)).toEqual(['b', 'a'])
      })
    })

    describe('writes', () => {
      test('a throw leaves no trace and comes out as it is', async () => {
        await put(at(1))
        const reason = new Error('on purpose')
        const work = storage.write(async (tx) => {
          tx.put('messages', at(2))
          tx.delete('messages', 'list-1')
          await tx.get('messages', 'list-1')
          throw reason
        })
        await expect(work).rejects.toBe(reason)
        expect(await positions()).toEqual([1])
      })

      test('a write sees its own changes, by key and in pages', async () => {
        await put(...Array.from({ length: 200 }, (_, i) => at(i)))
        await storage.write(async (tx) => {
          for (let i = 0; i < 100; i++) tx.delete('messages', `list-${i}`)
          tx.put('messages', at(1_000))
          tx.put('messages', { ...at(150), value: bytes(42) })
          tx.put('messages', { ...at(-1), key: 'list-199' })
          expect(await tx.get('messages', 'list-5')).toBeUndefined()
          expect((await tx.get('messages', 'list-150'))?.value).toEqual(bytes(42))
          const first = await tx.page('messages', { scope: 'list', limit: 3 })
          expect(first.map((row) => row.position)).toEqual([-1, 100, 101])
          const last = await tx.page('messages', { scope: 'list', limit: 3, order: 'descending' })
          expect(last.map((row) => row.position)).toEqual([1_000, 198, 197])
          const middle = await tx.page('messages', { scope: 'list', after: 149, before: 152, limit: 9 })
          expect(middle.map((row) => row.value)).toEqual([bytes(42), bytes(151)])
        })
        expect((await positions()).length).toBe(101)
      })

      test('writers that start together follow each other and lose nothing', async () => {
        const work = Array.from({ length: 50 }, () =>
          storage.write(async (tx) => {
            const count = (await tx.get('meta', 'count'))?.value[0] ?? 0
            await Promise.resolve()
            tx.put('meta', { key: 'count', value: bytes(count + 1) })
            return count
          }),
        )
        expect(await Promise.all(work)).toEqual(Array.from({ length: 50 }, (_, i) => i))
      })

      test('a write that failed does not stop the next one', async () => {
        const first = storage.write(async () => Promise.reject(new Error('on purpose')))
        const second = put(at(1))
        await expect(first).rejects.toThrow('on purpose')
        await second
        expect(await positions()).toEqual([1])
      })
    })

    describe('isolation', () => {
      test('a read goes on seeing the rows of its beginning', async () => {
        await put(at(1), at(2))
        await storage.read(async (tx) => {
          const seen = async () => (await tx.page('messages', { scope: 'list', limit: 9 })).map((row) => row.key)
          expect(await tx.get('messages', 'list-1')).toEqual(at(1))
          await storage.write(async (writer) => {
            writer.put('messages', at(0))
            writer.delete('messages', 'list-1')
            writer.put('messages', { ...at(2), value: bytes(99) })
          })
          await put(at(5))
          expect(await seen()).toEqual(['list-1', 'list-2'])
          expect(await tx.get('messages', 'list-2')).toEqual(at(2))
          expect(await tx.get('messages', 'list-5')).toBeUndefined()
        })
        expect(await positions()).toEqual([0, 2, 5])
      })

      test('a read does not see what is not committed yet', async () => {
        await storage.write(async (tx) => {
          tx.put('messages', at(1))
          expect(await get('list-1')).toBeUndefined()
        })
        expect(await get('list-1')).toEqual(at(1))
      })

      test('a transaction ends with its work', async () => {
        const leaked = await storage.write(async (tx) => tx)
        expect(() => leaked.put('messages', at(1))).toThrowError(expect.toSatisfy(code('usage/closed')))
        await expect(leaked.get('messages', 'a')).rejects.toSatisfy(code('usage/closed'))
        const read = await storage.read(async (tx) => tx)
        await expect(read.page('messages', { scope: 'a', limit: 1 })).rejects.toSatisfy(code('usage/closed'))
      })
    })

    describe('durability', () => {
      test('what a write resolved is there after a reopen', async () => {
        await put(...Array.from({ length: 100 }, (_, i) => at(i)))
        await storage.write(async (tx) => tx.delete('messages', 'list-50'))
        await storage.close()
        storage = await world.reopen(storage)
        expect((await positions()).length).toBe(99)
        expect(await get('list-7')).toEqual(at(7))
        await put(at(50))
        expect((await positions()).length).toBe(100)
      })

      test('a closed storage refuses; closing again is no error and waits for writes that had begun', async () => {
        const last = put(at(1))
        await storage.close()
        await last
        await storage.close()
        await expect(get('list-1')).rejects.toSatisfy(code('usage/closed'))
        await expect(put(at(2))).rejects.toSatisfy(code('usage/closed'))
        storage = await world.reopen(storage)
        expect(await positions()).toEqual([1])
      })
    })

    describe('changes', () => {
      test('name the wanted tables that a commit touched, put together while nobody waits', async () => {
        const changes = storage.changes(['messages', 'outbox'])[Symbol.asyncIterator]()
        const first = changes.next()
        await storage.write(async (tx) => tx.put('meta', { key: 'a', value: bytes() }))
        await put(at(1))
        expect(await first).toEqual({ value: new Set(['messages']), done: false })
        await put(at(2))
        await storage.write(async (tx) => tx.put('outbox', at(1)))
        expect(await changes.next()).toEqual({ value: new Set(['messages', 'outbox']), done: false })
        await changes.return?.()
      })

      test('say nothing of a write that failed', async () => {
        const changes = storage.changes(['messages', 'outbox'])[Symbol.asyncIterator]()
        const first = changes.next()
        const failed = storage.write(async (tx) => {
          tx.put('messages', at(1))
          throw new Error('on purpose')
        })
        await expect(failed).rejects.toThrow('on purpose')
        await storage.write(async (tx) => tx.put('outbox', at(1)))
        expect(await first).toEqual({ value: new Set(['outbox']), done: false })
        await changes.return?.()
      })

      test('end when the storage closes, when they are left and when they are aborted', async () => {
        const stop = new AbortController()
        const aborted = storage.changes(['messages'], { signal: stop.signal })[Symbol.asyncIterator]()
        const waiting = aborted.next()
        stop.abort(new Error('enough'))
        expect((await waiting).done).toBe(true)
        const left = storage.changes(['messages'])[Symbol.asyncIterator]()
        const pending = left.next()
        await left.return?.()
        expect((await pending).done).toBe(true)
        const closed = storage.changes(['messages'])[Symbol.asyncIterator]()
        const last = closed.next()
        await storage.close()
        expect((await last).done).toBe(true)
      })
    })
  })
}
