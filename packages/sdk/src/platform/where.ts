import { type ClientOptions, MEMORY } from '../client/client-options.ts'
import { DchatError } from '../errors.ts'

/** Which of the three ways to keep things the options name; `named` is undefined where the identity names the store. */
export type Where =
  | { readonly kind: 'memory' }
  | { readonly kind: 'given'; readonly storage: NonNullable<ClientOptions['storage']> }
  | { readonly kind: 'named'; readonly name: string | undefined }

type Wanted = Pick<ClientOptions, 'store' | 'storage' | 'storeKey' | 'identity'>

/** Throws `usage/invalid-argument` where the options contradict each other or name nothing. */
export const whereOf = ({ store, storage, storeKey, identity }: Wanted): Where => {
  const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })
  if (storage !== undefined) {
    if (store !== undefined) throw refuse('storage', 'it cannot go with "store"')
    return { kind: 'given', storage }
  }
  if (storeKey !== undefined) throw refuse('storeKey', 'it goes with "storage" only')
  if (store === MEMORY) return { kind: 'memory' }
  if (store === '') throw refuse('store', 'it is empty')
  if (store === undefined && identity === undefined) throw refuse('store', 'name the store, or give an identity')
  return { kind: 'named', name: store }
}
