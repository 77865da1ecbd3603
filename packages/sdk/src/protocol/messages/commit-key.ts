import { KEEPERS, type Keepers } from '../../records/group.ts'
import type { CborValue } from '../wire/cbor.ts'
import { array, bytes, int, tuple } from '../wire/schema.ts'

/** Devices that may hold a commit key. */
export const KEEPERS_LIMIT = 32
/** A seed of 32 bytes in a box (`Crypto.box`). */
const BOX_LENGTH = 1_120 + 32 + 16

/**
 * By which every commit of the topic has to be approved (groups.md, "The commit key"): its public half, Ed25519, and its
 * secret for each device that holds it. Wire: CBOR array [key, number of the keepers, [[device key, box] …]].
 */
export interface CommitKey {
  readonly key: Uint8Array
  readonly keepers: Keepers
  readonly boxes: readonly { readonly device: Uint8Array; readonly box: Uint8Array }[]
}

export const commitKeyValue = ({ key, keepers, boxes }: CommitKey): CborValue => [
  key,
  KEEPERS.indexOf(keepers),
  boxes.map(({ device, box }) => [device, box]),
]

const parse = tuple(bytes(32), int(0, KEEPERS.length - 1), array(tuple(bytes(32), bytes(BOX_LENGTH)), 1, KEEPERS_LIMIT))

/** Throws `protocol/malformed`. */
export const commitKeyOf = (value: unknown): CommitKey => {
  const [key, keepers, boxes] = parse(value, 'commit key')
  return { key, keepers: KEEPERS[keepers] as Keepers, boxes: boxes.map(([device, box]) => ({ device, box })) }
}
