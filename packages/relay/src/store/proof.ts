import { concat, DchatError, type Receipt } from '@dchat/sdk/wire'

const HASH = 32
const SIGNATURE = 64
const HEAD = 8

/** Index, size, signature and audit path in one column: what a receipt holds beyond its entry's other columns. */
export const packProof = ({
  index,
  size,
  signature,
  path,
}: Pick<Receipt, 'index' | 'size' | 'signature' | 'path'>): Uint8Array => {
  const head = new Uint8Array(HEAD)
  const view = new DataView(head.buffer)
  view.setUint32(0, index)
  view.setUint32(4, size)
  return concat(head, signature, ...path)
}

/** Throws `storage/corrupt` if the column cannot be a proof. */
export const unpackProof = (bytes: Uint8Array): Pick<Receipt, 'index' | 'size' | 'signature' | 'path'> => {
  const rest = bytes.length - HEAD - SIGNATURE
  if (rest < 0 || rest % HASH !== 0)
    throw new DchatError('storage/corrupt', { store: 'relay', reason: 'a receipt has a wrong length' })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    index: view.getUint32(0),
    size: view.getUint32(4),
    signature: bytes.subarray(HEAD, HEAD + SIGNATURE),
    path: Array.from({ length: rest / HASH }, (_, i) => {
      const at = HEAD + SIGNATURE + i * HASH
      return bytes.subarray(at, at + HASH)
    }),
  }
}
