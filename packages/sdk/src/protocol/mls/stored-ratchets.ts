import { type Decoder, mapDecoder } from 'ts-mls/codec/tlsDecoder.js'
import { type BufferEncoder, contramapBufferEncoder } from 'ts-mls/codec/tlsEncoder.js'
import { decodeVarLenType, varLenTypeEncoder } from 'ts-mls/codec/variableLength.js'
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

export const ratchetsEncoder: BufferEncoder<SecretTree> = contramapBufferEncoder(
  varLenTypeEncoder(generationSecretEncoder),
  (tree: SecretTree) => tree.filter((_node, index) => index % 2 === 0).map(({ application }) => application),
)

export const decodeRatchets: Decoder<SecretTree> = mapDecoder(decodeVarLenType(decodeGenerationSecret), (ratchets) =>
  ratchets.flatMap((application, leaf) => [
    ...(leaf === 0 ? [] : [{ handshake: UNUSED, application: UNUSED }]),
    { handshake: UNUSED, application },
  ]),
)
