import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { expandWith, type Kdf, type KdfHash } from './kdf.ts'

/**
 * WebCrypto needs two turns of the event loop for an HMAC, and a message needs a dozen of them; these are as fast and
 * need none.
 */
export const webKdf = (name: KdfHash): Kdf => {
  const hash = name === 'sha256' ? sha256 : sha512
  const mac: Kdf['mac'] = (key, ...parts) => {
    const running = hmac.create(hash, key)
    for (const part of parts) running.update(part)
    return running.digest()
  }
  return {
    size: hash.outputLen,
    digest: (bytes) => hash(bytes),
    mac,
    macEquals: (a, b) => {
      if (a.length !== b.length) return false
      let difference = 0
      for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
      return difference === 0
    },
    expand: (key, info, length) => expandWith(mac, hash.outputLen, key, info, length),
  }
}
