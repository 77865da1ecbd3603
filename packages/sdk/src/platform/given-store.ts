import type { ImportBackupOptions } from '../client/backup/options.ts'
import { sealedStore } from '../domain/store/sealed-store.ts'
import type { Store } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import type { Crypto } from '../ports/crypto.ts'
import type { Storage } from '../ports/storage.ts'

/** What is written into a store that ends with the program is lost. */
export const nowhere = (): DchatError =>
  new DchatError('usage/invalid-argument', { name: 'store', reason: 'a backup is read into a store that lasts' })

/** Records over a storage that the caller brought. Throws `usage/invalid-argument` where nothing seals it. */
export const givenStore = (
  { storeKey }: Pick<ImportBackupOptions, 'storeKey'>,
  storage: Storage,
  { random }: Pick<Crypto, 'random'>,
): Store => {
  if (storeKey !== undefined) return sealedStore(storage, storeKey, random)
  throw new DchatError('usage/invalid-argument', {
    name: 'storeKey',
    reason: 'it is missing, and nothing else seals rows',
  })
}
