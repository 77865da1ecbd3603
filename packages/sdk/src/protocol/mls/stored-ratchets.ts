import { type Decoder, mapDecoder } from 'ts-mls/codec/tlsDecoder.js'
import type { BufferEncoder } from 'ts-mls/codec/tlsEncoder.js'
import { decodeVarLenType, lengthEncoder } from 'ts-mls/codec/variableLength.js'
import {
  decodeGenerationSecret,
  type GenerationSecret,
  generationSecretEncoder,
  type SecretTree,
} from 'ts-mls/secretTree.js'

/**
 * The ratchets of an epoch as they are stored. Only the application ratchets of leaves are kept: commits are public
 * messages, so no handshake ratchet is ever used, and the library's ratchets of inner nodes never are. That is a
 * quarter of the bytes, and secrets that are not there cannot leak.
 */
const UNUSED: GenerationSecret = { secret: new Uint8Array(), generation: 0, unusedGenerations: {} }

const isEmpty = (record: object): boolean => {
  for (const _key in record) return false
  return true
}

/**
 * A ratchet as the library encodes it. In a large group almost all of them hold nothing but a secret; they are written
 * by hand, because the state is stored with every message.
 */
const ratchetEncoder: BufferEncoder<GenerationSecret> = (ratchet) => {
  const { secret, generation, unusedGenerations } = ratchet
  const { length } = secret
  if (length >= 64 || !isEmpty(unusedGenerations)) return generationSecretEncoder(ratchet)
  return [
    length + 6,
    (offset, buffer) => {
      const bytes = new Uint8Array(buffer, offset, length + 6)
      bytes[0] = length
      bytes.set(secret, 1)
      bytes[length + 1] = generation >>> 24
      bytes[length + 2] = generation >>> 16
      bytes[length + 3] = generation >>> 8
      bytes[length + 4] = generation
      bytes[length + 5] = 0
    },
  ]
}

/** The same bytes as the library's encoder of a list, which nests a call for each element. */
export const ratchetsEncoder: BufferEncoder<SecretTree> = (tree) => {
  const ratchets = tree.filter((_node, index) => index % 2 === 0).map(({ application }) => ratchetEncoder(application))
  const size = ratchets.reduce((sum, [length]) => sum + length, 0)
  const [prefix, writePrefix] = lengthEncoder(size)
  return [
    prefix + size,
    (offset, buffer) => {
      writePrefix(offset, buffer)
      let at = offset + prefix
      for (const [length, write] of ratchets) {
        write(at, buffer)
        at += length
      }
    },
  ]
}

export const decodeRatchets: Decoder<SecretTree> = mapDecoder(decodeVarLenType(decodeGenerationSecret), (ratchets) =>
  ratchets.flatMap((application, leaf) => [
    ...(leaf === 0 ? [] : [{ handshake: UNUSED, application: UNUSED }]),
    { handshake: UNUSED, application },
  ]),
)
