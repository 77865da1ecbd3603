import type { Decoder } from 'ts-mls/codec/tlsDecoder.js'
import type { Encoder } from 'ts-mls/codec/tlsEncoder.js'
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js'
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js'
import { DchatError, isDchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import { malformed } from './failures.ts'

/** Bytes of one MLS message; the relay's frames are no larger. */
export const MESSAGE_LIMIT = 1024 * 1024
const KEY_PACKAGE_LIMIT = 16 * 1024
const TREE_LIMIT = 4 * 1024 * 1024
/** 2,048 leaves. The library's encoder recurses once per node. */
const NODE_LIMIT = 4095

/**
 * Decodes bytes of others: bounded, whole, and only in their one canonical encoding, so that nothing hides in bytes
 * that the decoder skips. The result shares no memory with the argument (zeroing a secret must not reach a caller's
 * buffer). Throws `protocol/too-large` or `protocol/malformed`, nothing else.
 */
export const parse = <T>(
  bytes: Uint8Array,
  format: string,
  limit: number,
  decode: Decoder<T>,
  encode: Encoder<T>,
): T => {
  if (bytes.length > limit) throw new DchatError('protocol/too-large', { what: format, size: bytes.length, limit })
  const own = new Uint8Array(bytes)
  let decoded: [T, number] | undefined
  let again: Uint8Array | undefined
  try {
    decoded = decode(own, 0)
    if (decoded !== undefined) again = encode(decoded[0])
  } catch (cause) {
    if (isDchatError(cause)) throw cause
    throw malformed(format, 'it does not decode', cause)
  }
  if (decoded === undefined || again === undefined) throw malformed(format, 'it does not decode')
  if (!equalBytes(again, own)) throw malformed(format, 'it is not the canonical encoding')
  return decoded[0]
}

type Wireformat = MLSMessage['wireformat']
type MessageOf<W extends Wireformat> = Extract<MLSMessage, { wireformat: W }>

/** An MLSMessage (RFC 9420 6) of one wire format and version mls10. */
export const parseMessage = <W extends Wireformat>(bytes: Uint8Array, wireformat: W, format: string): MessageOf<W> => {
  const limit = wireformat === 'mls_key_package' ? KEY_PACKAGE_LIMIT : MESSAGE_LIMIT
  const message = parse(bytes, format, limit, decodeMlsMessage, encodeMlsMessage)
  if (message.wireformat !== wireformat) throw malformed(format, 'it is another kind of MLS message')
  return message as MessageOf<W>
}

/** Refuses a tree that would cost more than its bytes before anything walks it (RFC 9420 7.8: leaves ascend). */
const decodeBoundedTree: Decoder<RatchetTree> = (bytes, offset) => {
  const decoded = decodeRatchetTree(bytes, offset)
  if (decoded === undefined) return undefined
  const [tree] = decoded
  if (tree.length > NODE_LIMIT) throw malformed('ratchet tree', 'it has too many nodes')
  const leaves = (tree.length + 1) / 2
  for (const node of tree)
    if (node?.nodeType === 'parent') {
      let previous = -1
      for (const leaf of node.parent.unmergedLeaves) {
        if (leaf <= previous || leaf >= leaves) throw malformed('ratchet tree', 'its unmerged leaves are out of order')
        previous = leaf
      }
    }
  return decoded
}

export const parseTree = (bytes: Uint8Array): RatchetTree =>
  parse(bytes, 'ratchet tree', TREE_LIMIT, decodeBoundedTree, encodeRatchetTree)
