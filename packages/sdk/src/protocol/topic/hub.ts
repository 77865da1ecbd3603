import { DchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { CborValue } from '../wire/cbor.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'

/** Where a topic lives: its hub's address and the key that signs its receipts. */
export interface Hub {
  readonly url: RelayUrl
  readonly key: Uint8Array
}

/** Hubs that a conversation may name (hubs.md). */
export const HUBS_LIMIT = 3

export const hubValue = ({ url, key }: Hub): CborValue => [url, key]

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'hub', reason })

/** A relay's address as others wrote it. Throws `protocol/malformed`. */
export const relayIn = (value: unknown): RelayUrl => {
  if (typeof value !== 'string') throw malformed('address')
  try {
    return parseRelayUrl(value)
  } catch (cause) {
    throw new DchatError('protocol/malformed', { format: 'hub', reason: 'address' }, { cause })
  }
}

/** Throws `protocol/malformed`. */
export const hubOf = (value: unknown): Hub => {
  if (!Array.isArray(value) || value.length !== 2) throw malformed('shape')
  const [url, key] = value as unknown[]
  if (!(key instanceof Uint8Array) || key.length !== 32) throw malformed('shape')
  return { url: relayIn(url), key }
}

/** A list of 1 to 3 relays, each named once. Throws as `hubOf`. */
export const hubsOf = (value: unknown): readonly Hub[] => {
  if (!Array.isArray(value) || value.length === 0 || value.length > HUBS_LIMIT) throw malformed('number')
  const hubs = value.map(hubOf)
  if (hubs.some((hub, at) => hubs.findIndex((other) => isSameHub(hub, other) || hub.url === other.url) !== at))
    throw malformed('one relay twice')
  return hubs
}

/** A relay is known by its key, wherever it answers. */
export const isSameHub = (a: Pick<Hub, 'key'>, b: Pick<Hub, 'key'>): boolean => equalBytes(a.key, b.key)

export const areSameHubs = (a: readonly Hub[], b: readonly Hub[]): boolean =>
  a.length === b.length && a.every((hub, at) => isSameHub(hub, b[at] as Hub) && hub.url === b[at]?.url)
