import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { expandWith, type Kdf, type KdfHash } from './kdf.ts'

/** A plain view: Buffers behave differently from Uint8Array in `slice`. */
export const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)

export const nodeKdf = (hash: KdfHash): Kdf => {
  const size = hash === 'sha256' ? 32 : 64
  const mac: Kdf['mac'] = (key, ...parts) => {
    const hmac = createHmac(hash, key)
    for (const part of parts) hmac.update(part)
    return plain(hmac.digest())
  }
  return {
    size,
    digest: (bytes) => plain(createHash(hash).update(bytes).digest()),
    mac,
    macEquals: (a, b) => a.length === b.length && timingSafeEqual(a, b),
    expand: (key, info, length) => expandWith(mac, size, key, info, length),
  }
}
