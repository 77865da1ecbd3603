import { DchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { parseAddress } from '../identity/address.ts'
import { SUITES, type Suite } from '../mls/engine.ts'
import { decodeCbor, encodeCbor, hashOf } from '../wire/cbor.ts'

/**
 * The control state of a conversation that no MLS structure holds; it travels with Welcome and rejoin, and each
 * commit frame binds its hash (topic.md and groups.md). Wire: CBOR array [version, kind, suite, room, addresses, opener].
 */
export interface Snapshot {
  readonly kind: 'dm'
  /** Our own suite name: numbers of drafts move (groups.md). */
  readonly suite: Suite
  /** The MLS group id. */
  readonly room: Uint8Array
  /** The two people, in ascending order. */
  readonly addresses: readonly [Address, Address]
  /** Who opened the room: of two direct messages opened at once, this decides (groups.md). */
  readonly opener: Address
}

const VERSION = 1
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'snapshot', reason })

export const encodeSnapshot = ({ kind, suite, room, addresses, opener }: Snapshot): Uint8Array =>
  encodeCbor([VERSION, kind, suite, room, addresses, opener])

export const snapshotHash = (encoded: Uint8Array): Uint8Array => hashOf('snapshot', encoded)

export const decodeSnapshot = (bytes: Uint8Array): Snapshot => {
  const value = decodeCbor(bytes, 'snapshot', { size: 65_536 })
  if (!Array.isArray(value) || value[0] !== VERSION) throw malformed('version')
  const [, kind, suite, room, addresses, opener] = value as unknown[]
  if (kind !== 'dm') throw malformed('kind')
  if (!SUITES.includes(suite as Suite)) throw malformed('suite')
  if (!(room instanceof Uint8Array) || room.length !== 32) throw malformed('room')
  if (!Array.isArray(addresses) || addresses.length !== 2) throw malformed('addresses')
  const [first, second] = addresses.map((text) => parseAddress(String(text))) as [Address, Address]
  if (first >= second) throw malformed('order of addresses')
  if (opener !== first && opener !== second) throw malformed('opener')
  return { kind, suite: suite as Suite, room, addresses: [first, second], opener: opener as Address }
}
