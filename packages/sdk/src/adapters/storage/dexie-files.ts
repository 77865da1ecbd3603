import type { Table } from 'dexie'
import type { Files } from '../../ports/files.ts'
import type { DexieConnection } from './dexie-connection.ts'
import { dexieError } from './dexie-errors.ts'
import type { DexieFence } from './dexie-fence.ts'
import { FENCE, FILES } from './dexie-schema.ts'

interface File {
  readonly name: string
  readonly content: Uint8Array
}

/** Small files in the database of the rows; behind a fence only its owner writes them. Throws the storage errors. */
export const dexieFiles = (connection: DexieConnection, fence?: DexieFence): Files => {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw dexieError(error, connection.name)
    }
  }
  const change = (work: (files: Table<File, string>) => PromiseLike<unknown>) =>
    attempt(async () => {
      const { tx, done } = await connection.begin('rw', [FILES, FENCE])
      await fence?.assert(tx)
      await work(tx.table<File, string>(FILES))
      await done
    })
  return {
    name: connection.name,
    read: (name) =>
      attempt(async () => {
        const { tx } = await connection.begin('r', [FILES])
        return (await tx.table<File, string>(FILES).get(name))?.content
      }),
    write: (name, content) => change((files) => files.put({ name, content: new Uint8Array(content) })),
    remove: (name) => change((files) => files.delete(name)),
  }
}
