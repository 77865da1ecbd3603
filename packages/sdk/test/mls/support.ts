import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { nodeMlsPrimitives } from '../../src/adapters/crypto/mls-node.ts'
import { createGroupEngine } from '../../src/protocol/mls/create-group-engine.ts'
import type {
  Group,
  GroupEngine,
  KeyPackagePair,
  LeafIdentity,
  PendingCommit,
  Suite,
} from '../../src/protocol/mls/engine.ts'
import type { Address } from '../../src/records/ids.ts'

export const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
export const text = (content: string): Uint8Array => new TextEncoder().encode(content)
export const AAD = text('aad')
export const SUITE: Suite = 'group-x25519-aes128'

export interface Device {
  readonly identity: LeafIdentity
  readonly seed: Uint8Array
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

const publicKeyOf = (seed: Uint8Array): Uint8Array => {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
}

/** An address-shaped name; these tests need no identity log behind it. */
const address = (): Address => `dchat1${[...bytes(40)].map((byte) => CHARSET[byte & 31]).join('')}` as Address

export const newDevice = (owner: Address = address()): Device => {
  const seed = bytes(32)
  return { seed, identity: { address: owner, deviceKey: publicKeyOf(seed), certificate: bytes(32) } }
}

export const LIFETIME = { notBefore: 1_700_000_000, notAfter: 1_800_000_000 }

export const anyone = () => true as const

/** The engine under test and what the tests do with it all the time. The built files are tried through the same hands. */
export const kitOf = (engine: GroupEngine) => {
  const packageOf = (device: Device, suite: Suite = SUITE): Promise<KeyPackagePair> =>
    engine.createKeyPackage(suite, device.identity, device.seed, LIFETIME)

  const openGroup = async (device: Device, suite: Suite = SUITE): Promise<Group> =>
    engine.create(bytes(32), await packageOf(device, suite))

  /** Judges and applies a commit; throws if it is void. */
  const follow = async (group: Group, commit: Uint8Array): Promise<Group> => {
    const verdict = await engine.judge(group, commit, anyone)
    if (verdict.verdict === 'void') throw new Error(`void: ${verdict.reason}`)
    return engine.apply(group, commit, verdict)
  }

  const addTo = async (
    group: Group,
    devices: readonly Device[],
  ): Promise<{ pending: PendingCommit; joined: Group[] }> => {
    const pairs = await Promise.all(devices.map((device) => packageOf(device, group.suite)))
    const keyPackages = pairs.map((pair) => pair.publicPackage)
    const pending = await engine.commit(group, { kind: 'add', keyPackages }, AAD)
    const { tree } = await engine.publicState(pending.next)
    const joined = await Promise.all(pairs.map((pair) => engine.join(pending.welcome as Uint8Array, tree, pair)))
    return { pending, joined }
  }

  /** A group of `count` devices that all stand in the same epoch. */
  const groupOf = async (count: number, suite: Suite = SUITE): Promise<{ devices: Device[]; groups: Group[] }> => {
    const devices = Array.from({ length: count }, () => newDevice())
    const first = await openGroup(devices[0] as Device, suite)
    if (count === 1) return { devices, groups: [first] }
    const { pending, joined } = await addTo(first, devices.slice(1))
    return { devices, groups: [pending.next, ...joined] }
  }
  return { engine, packageOf, openGroup, follow, addTo, groupOf }
}

export const { engine, packageOf, follow, addTo, groupOf } = kitOf(createGroupEngine({ crypto: nodeMlsPrimitives() }))
