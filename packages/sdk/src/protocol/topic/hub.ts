import { DchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { CborValue } from '../wire/cbor.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'
import { array, bytes, malformed, tuple } from '../wire/schema.ts'

/** Where a topic lives: its hub's address and the key that signs its receipts. */
export interface Hub {
  readonly url: RelayUrl
  readonly key: Uint8Array
}

/** Hubs that a conversation may name (hubs.md). */
export const HUBS_LIMIT = 3

export const hubValue = ({ url, key }: Hub): CborValue => [url, key]

/** A relay's address as others wrote it. Throws `protocol/malformed`. */
export const relayIn = (value: unknown): RelayUrl => {
  if (typeof value !== 'string') throw malformed('hub', 'address')
  try {
    return parseRelayUrl(value)
  } catch (cause) {
    throw new DchatError('protocol/malformed', { format: 'hub', reason: 'address' }, { cause })
  }
}

const fields = tuple(relayIn, bytes(32))

/** A schema. Throws `protocol/malformed`. */
export const hubOf = (value: unknown, at = 'hub'): Hub => {
  const [url, key] = fields(value, at)
  return { url, key }
}

const list = array(hubOf, 1, HUBS_LIMIT)

/** A list of 1 to 3 relays, each named once. Throws as `hubOf`. */
export const hubsOf = (value: unknown): readonly Hub[] => {
  const hubs = list(value, 'hubs')
  if (hubs.some((hub, at) => hubs.findIndex((other) => isSameHub(hub, other) || hub.url === other.url) !== at))
    throw malformed('hubs', 'one relay twice')
  return hubs
}

/** A relay is known by its key, wherever it answers. */
export const isSameHub = (a: Pick<Hub, 'key'>, b: Pick<Hub, 'key'>): boolean => equalBytes(a.key, b.key)

export const areSameHubs = (a: readonly Hub[], b: readonly Hub[]): boolean =>
  a.length === b.length && a.every((hub, at) => isSameHub(hub, b[at] as Hub) && hub.url === b[at]?.url)
