import { DchatError } from '@dchat/sdk'
import { Dexie, type EntityTable } from 'dexie'
import type { Secrets } from '../../../core/host.ts'

const NONCE = 12
const STORE = 'dchat-secrets'

interface Row {
  readonly id: 'key'
  readonly key: CryptoKey
}

type Tables = Dexie & { readonly keys: EntityTable<Row, 'id'> }

/** The key of this browser profile: scripts of this site can use it, and nobody can read it. Made at its first use. */
const profileKey = async (tables: Tables): Promise<CryptoKey> => {
  const kept = await tables.keys.get('key')
  if (kept !== undefined) return kept.key
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  // Two tabs may come here at once: the first key that is written is the key.
  return tables.transaction('rw', tables.keys, async () => {
    const first = await tables.keys.get('key')
    if (first !== undefined) return first.key
    await tables.keys.add({ id: 'key', key })
    return key
  })
}

const unavailable = (cause: unknown): DchatError =>
  new DchatError('storage/unavailable', { store: STORE, reason: 'the browser keeps nothing for this page' }, { cause })

/** Secrets under a key of the browser's own. */
export const browserSecrets = (): Secrets => {
  let tables: Tables | undefined
  const open = async (): Promise<CryptoKey> => {
    if (tables === undefined) {
      tables = new Dexie(STORE) as Tables
      tables.version(1).stores({ keys: 'id' })
    }
    try {
      return await profileKey(tables)
    } catch (error) {
      throw unavailable(error)
    }
  }
  return {
    boundTo: 'this browser profile',
    wrap: async (bytes) => {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE))
      const key = await open()
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, Uint8Array.from(bytes))
      const wrapped = new Uint8Array(NONCE + sealed.byteLength)
      wrapped.set(iv)
      wrapped.set(new Uint8Array(sealed), NONCE)
      return wrapped
    },
    unwrap: async (wrapped) => {
      const whole = Uint8Array.from(wrapped)
      const key = await open()
      try {
        const iv = whole.subarray(0, NONCE)
        return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, whole.subarray(NONCE)))
      } catch {
        throw new DchatError('storage/corrupt', { store: STORE, reason: 'this browser profile did not lock it' })
      }
    },
  }
}
