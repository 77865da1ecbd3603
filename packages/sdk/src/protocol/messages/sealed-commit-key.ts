import type { Crypto } from '../../ports/crypto.ts'
import type { Keepers } from '../../records/group.ts'
import { statement } from '../wire/cbor.ts'
import type { CommitKey } from './commit-key.ts'

/** A box is good for one key, room and device: nobody can pass it on as another one's. */
const infoOf = (room: Uint8Array, key: Uint8Array, device: Uint8Array): Uint8Array =>
  statement('commit-key', [room, key, device])

/** A new key, sealed to the intro keys of the devices that are to hold it. */
export const makeCommitKey = async (
  crypto: Pick<Crypto, 'random' | 'ed25519' | 'box'>,
  room: Uint8Array,
  keepers: Keepers,
  devices: readonly { readonly deviceKey: Uint8Array; readonly introKey: Uint8Array }[],
): Promise<CommitKey> => {
  const seed = crypto.random(32)
  const key = await crypto.ed25519.publicKey(seed)
  const boxes: CommitKey['boxes'][number][] = []
  for (const { deviceKey: device, introKey } of devices)
    boxes.push({ device, box: await crypto.box.seal(introKey, seed, infoOf(room, key, device)) })
  return { key, keepers, boxes }
}

/** The secret as it was sealed to a device. Throws `crypto/cannot-decrypt`. */
export const openCommitKey = (
  crypto: Pick<Crypto, 'box'>,
  room: Uint8Array,
  key: Uint8Array,
  { device, box }: CommitKey['boxes'][number],
  introSeed: Uint8Array,
): Promise<Uint8Array> => crypto.box.open(introSeed, box, infoOf(room, key, device))
