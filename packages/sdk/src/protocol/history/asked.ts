import { DchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { parseAddress } from '../identity/address.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'

/** A pointer to a Welcome that waits for its person's answer, and who left it. */
export interface Asked {
  readonly from: Address
  readonly pointer: Uint8Array
}

/** A slot takes 256 KiB, padded in steps of 64. */
const SIZE = 190 * 1024
/** Bytes beside the pointer. */
const REST = 128
const VERSION = 1

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'waiting invitations', reason })

/** CBOR `[1, [[address, pointer] …]]`, as many as fit: the first ones count. */
export const encodeAsked = (waiting: readonly Asked[]): Uint8Array => {
  let size = 0
  const fitting = waiting.filter(({ pointer }) => {
    size += pointer.length + REST
    return size <= SIZE
  })
  return encodeCbor([VERSION, fitting.map(({ from, pointer }) => [from, pointer])])
}

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeAsked = (bytes: Uint8Array): readonly Asked[] => {
  const value = decodeCbor(bytes, 'waiting invitations', { size: SIZE })
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== VERSION) throw malformed('version')
  const list: unknown = value[1]
  if (!Array.isArray(list)) throw malformed('list')
  return list.map((item: unknown) => {
    if (!Array.isArray(item) || !(item[1] instanceof Uint8Array)) throw malformed('pointer')
    return { from: addressOf(item[0]), pointer: item[1] }
  })
}

const addressOf = (value: unknown): Address => {
  try {
    return parseAddress(String(value))
  } catch {
    throw malformed('address')
  }
}
