import type { Crypto } from '../../ports/crypto.ts'
import { type CborValue, statement } from '../wire/cbor.ts'

/** The keys of one device. Both seeds are secret and never leave it. */
export interface DeviceKeys {
  /** Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array
  readonly deviceKey: Uint8Array
  /** X-Wing seed, 32 bytes: opens what is sealed to the device before it shares a group. */
  readonly introSeed: Uint8Array
  /** 1216 bytes. */
  readonly introKey: Uint8Array
}

export const createDevice = async (crypto: Crypto): Promise<DeviceKeys> => {
  const seed = crypto.random(32)
  const introSeed = crypto.random(32)
  const [deviceKey, introKey] = await Promise.all([crypto.ed25519.publicKey(seed), crypto.box.publicKey(introSeed)])
  return { seed, deviceKey, introSeed, introKey }
}

/** A statement for one use, signed by a device key outside MLS (docs/protocol/README.md). 64 bytes. */
export const signByDevice = (
  crypto: Pick<Crypto, 'ed25519'>,
  seed: Uint8Array,
  use: string,
  value: CborValue,
): Promise<Uint8Array> => crypto.ed25519.sign(seed, statement(use, value))

export const verifyByDevice = (
  crypto: Pick<Crypto, 'ed25519'>,
  deviceKey: Uint8Array,
  use: string,
  value: CborValue,
  signature: Uint8Array,
): Promise<boolean> => crypto.ed25519.verify(deviceKey, statement(use, value), signature)
