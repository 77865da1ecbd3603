import { concat } from '../../util/bytes.ts'
import { systemRandom } from '../../util/system-random.ts'
import type { DexieConnection } from './dexie-connection.ts'
import { dexieError } from './dexie-errors.ts'
import { SECRETS } from './dexie-schema.ts'

type Subtle = (typeof globalThis)['crypto']['subtle']
type Key = Parameters<Subtle['encrypt']>[1]

interface Secret {
  readonly name: 'wrapping'
  readonly key: Key
}

export interface DexieKeystore {
  wrap(bytes: Uint8Array): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
  /** False if nothing can be unwrapped, because there is no key. */
  hasKey(): Promise<boolean>
}

const NONCE = 12

/**
 * Wraps keys under one of the browser's own, made when it is first needed: AES-256-GCM, and not extractable, so that no
 * program sees its bytes. The browser itself keeps them readable in its files: against whoever copies those, only a
 * passphrase helps.
 */
export const dexieKeystore = (connection: DexieConnection): DexieKeystore => {
  const { subtle } = globalThis.crypto

  const known = async (): Promise<Key | undefined> => {
    const { tx } = await connection.begin('r', [SECRETS])
    return (await tx.table<Secret, string>(SECRETS).get('wrapping'))?.key
  }

  /** Two that make one at the same time get the same one. */
  const make = async (): Promise<Key> => {
    const fresh = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    const { tx, done } = await connection.begin('rw', [SECRETS])
    const secrets = tx.table<Secret, string>(SECRETS)
    const other = await secrets.get('wrapping')
    if (!other) await secrets.put({ name: 'wrapping', key: fresh as Key })
    await done
    return other?.key ?? (fresh as Key)
  }

  return {
    wrap: async (bytes) => {
      try {
        const key = (await known()) ?? (await make())
        const iv = systemRandom(NONCE)
        return concat(iv, new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, bytes)))
      } catch (error) {
        throw dexieError(error, connection.name)
      }
    },
    unwrap: async (wrapped) => {
      const key = await known()
      if (key === undefined) throw new Error('there is no such key')
      const iv = wrapped.subarray(0, NONCE)
      return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, key, wrapped.subarray(NONCE)))
    },
    hasKey: async () => {
      try {
        return (await known()) !== undefined
      } catch (error) {
        throw dexieError(error, connection.name)
      }
    },
  }
}
