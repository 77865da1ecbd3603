import type { Credential } from 'ts-mls/credential.js'
import type { LeafNodeData } from 'ts-mls/leafNode.js'
import type { Address, DeviceId } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import type { LeafIdentity } from './engine.ts'
import { malformed } from './failures.ts'

/** The shape of an address (bech32m). Its checksum is proven with the identity log, by `certified`. */
const ADDRESS = /^dchat1[02-9ac-hj-np-z]{8,120}$/
const KEY_SIZE = 32
const HASH_SIZE = 32

export const deviceIdOf = (deviceKey: Uint8Array): DeviceId => toHex(sha256(deviceKey).subarray(0, 16)) as DeviceId

/** The content of the MLS `basic` credential: deterministic CBOR `[address, device key, certificate]` (identity.md). */
export const encodeIdentity = ({ address, deviceKey, certificate }: LeafIdentity): Uint8Array =>
  encodeCbor([address, deviceKey, certificate])

/** Bounded. Throws `protocol/malformed` or `protocol/too-large`. */
const decodeIdentity = (bytes: Uint8Array): LeafIdentity => {
  const value = decodeCbor(bytes, 'credential', { size: 512, depth: 1, items: 4 })
  const [address, deviceKey, certificate] = Array.isArray(value) && value.length === 3 ? (value as unknown[]) : []
  if (typeof address !== 'string' || !ADDRESS.test(address)) throw malformed('credential', 'it names no address')
  if (!(deviceKey instanceof Uint8Array) || deviceKey.length !== KEY_SIZE)
    throw malformed('credential', 'it holds no device key')
  if (!(certificate instanceof Uint8Array) || certificate.length !== HASH_SIZE)
    throw malformed('credential', 'it names no certificate')
  return { address: address as Address, deviceKey: new Uint8Array(deviceKey), certificate: new Uint8Array(certificate) }
}

/** The identity in a credential whose device key is the leaf's signature key. Throws `protocol/malformed`. */
export const identityOf = (credential: Credential, signatureKey: Uint8Array): LeafIdentity => {
  if (credential.credentialType !== 'basic' || !('identity' in credential))
    throw malformed('credential', 'it is not a basic credential')
  const identity = decodeIdentity(credential.identity)
  if (!equalBytes(identity.deviceKey, signatureKey))
    throw malformed('credential', 'its device key is not the signature key of the leaf')
  return identity
}

export const identityOfLeaf = (leaf: LeafNodeData): LeafIdentity => identityOf(leaf.credential, leaf.signaturePublicKey)

/** The same device of the same person. */
export const sameDevice = (a: LeafIdentity, b: LeafIdentity): boolean =>
  a.address === b.address && equalBytes(a.deviceKey, b.deviceKey)
