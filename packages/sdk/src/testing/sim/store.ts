import nacl from 'tweetnacl'
import { storeUnsealedBy } from '../../domain/store/sealed-store.ts'
import type { Store } from '../../domain/store/store.ts'
import type { Storage } from '../../ports/storage.ts'
import { remembered } from './memo.ts'

/**
 * A device's records. What a row holds is remembered once it was opened: a simulation reads its rows again and again, to
 * see what its devices show. Each reader gets bytes of its own, which it may overwrite.
 */
export const simulatedStore = (storage: Storage, storeKey: Uint8Array, random: (length: number) => Uint8Array): Store =>
  storeUnsealedBy(unseal, storage, storeKey, random)

const unseal: typeof nacl.secretbox.open = (box, nonce, key) =>
  remembered('secretbox/open', [box, nonce, key], () => nacl.secretbox.open(box, nonce, key))?.slice() ?? null
