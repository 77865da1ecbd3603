import { isDchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { ByteSource } from '../../util/byte-source.ts'
import { concat } from '../../util/bytes.ts'
import { damaged } from './damaged.ts'

/** Bytes of plaintext in each chunk but the last, which has at most as many. */
export const CHUNK = 64 * 1024
const TAG = 16
const NOTHING = new Uint8Array(0)

/** Which chunk it is, and whether it is the last one: so none can be left out, moved or added. */
const nonceOf = (count: number, isLast: boolean): Uint8Array => {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(7, count)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** Seals a stream of bytes in chunks (the STREAM construction), each as soon as it is known whether it is the last one. */
export async function* sealStream(
  aead: Crypto['aead'],
  key: Uint8Array,
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let length = 0
  let count = 0
  for await (const part of plain) {
    held.push(part)
    length += part.length
    if (length <= CHUNK) continue
    const all = concat(...held)
    let at = 0
    for (; all.length - at > CHUNK; at += CHUNK)
      yield await aead.seal(key, nonceOf(count++, false), all.subarray(at, at + CHUNK), NOTHING)
    held = [all.slice(at)]
    length = all.length - at
  }
  yield await aead.seal(key, nonceOf(count, true), concat(...held), NOTHING)
}

/** The plaintext of each chunk. Throws `backup/damaged` at the first that is not the one that was sealed at its place. */
export async function* openStream(
  aead: Crypto['aead'],
  key: Uint8Array,
  source: ByteSource,
): AsyncGenerator<Uint8Array> {
  for (let count = 0; ; count++) {
    const sealed = await source.take(CHUNK + TAG)
    const isLast = await source.isOver()
    yield await openChunk(aead, key, nonceOf(count, isLast), sealed, count)
    if (isLast) return
  }
}

const openChunk = async (
  aead: Crypto['aead'],
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  count: number,
): Promise<Uint8Array> => {
  try {
    return await aead.open(key, nonce, sealed, NOTHING)
  } catch (error) {
    if (!isDchatError(error, 'crypto/cannot-decrypt')) throw error
    throw damaged(`part ${count + 1} does not open: it was changed, or the file was cut off`, error)
  }
}
