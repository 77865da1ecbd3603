import { type CiphersuiteImpl, ciphersuites } from 'ts-mls/crypto/ciphersuite.js'
import { extensionsSupportedByCapabilities } from 'ts-mls/extension.js'
import {
  generateKeyPackageWithKey,
  type KeyPackage,
  makeKeyPackageRef,
  type PrivateKeyPackage,
  verifyKeyPackage,
} from 'ts-mls/keyPackage.js'
import { type LeafNodeData, type LeafNodeInfoOmitted, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { DchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { encodeIdentity, identityOfLeaf } from './credential.ts'
import type { KeyPackageInfo, KeyPackagePair, LeafIdentity, Suite } from './engine.ts'
import { guarded, malformed, wrongArgument } from './failures.ts'
import { parseMessage } from './parse.ts'
import { usablePublicKey } from './public-key.ts'
import { type LoadSuite, MLS_NAMES, suiteOf } from './suites.ts'

/** RFC 9420 16.8: `last_resort`. */
const LAST_RESORT = 0x000a
/** Of the range for private use: the head of the identity log that its owner knew, so that a relay cannot hide entries. */
const LOG_HEAD = 0xf0dc
const HEAD_LENGTH = 32
const PRIVATE_VERSION = 1

export interface KeyPackageOptions {
  readonly notBefore: number
  readonly notAfter: number
  readonly lastResort?: boolean
  /** Hash of the newest entry of the owner's identity log, 32 bytes. */
  readonly logHead?: Uint8Array
}

const isTime = (value: number) => Number.isSafeInteger(value) && value >= 0

export const createKeyPackage = async (
  cs: CiphersuiteImpl,
  suite: Suite,
  identity: LeafIdentity,
  seed: Uint8Array,
  options: KeyPackageOptions,
): Promise<KeyPackagePair> => {
  const { notBefore, notAfter, lastResort = false, logHead } = options
  if (!isTime(notBefore) || !isTime(notAfter) || notAfter < notBefore)
    throw wrongArgument('lifetime', 'it is not a range of seconds since 1970')
  if (seed.length !== 32) throw wrongArgument('deviceSeed', 'it has 32 bytes')
  if (logHead !== undefined && logHead.length !== HEAD_LENGTH) throw wrongArgument('logHead', 'it has 32 bytes')
  const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: encodeIdentity(identity) },
    {
      versions: ['mls10'],
      ciphersuites: [MLS_NAMES[suite]],
      extensions: [LAST_RESORT, LOG_HEAD],
      proposals: [],
      credentials: ['basic'],
    },
    { notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) },
    [
      ...(lastResort ? [{ extensionType: LAST_RESORT, extensionData: new Uint8Array() }] : []),
      ...(logHead === undefined ? [] : [{ extensionType: LOG_HEAD, extensionData: new Uint8Array(logHead) }]),
    ],
    { signKey: new Uint8Array(seed), publicKey: new Uint8Array(identity.deviceKey) },
    cs,
  )
  if ((await keyPackageProblem(publicPackage, suite, cs)) !== undefined)
    throw wrongArgument('identity', 'the device key does not belong to the seed')
  const { initPrivateKey, hpkePrivateKey, signaturePrivateKey } = privatePackage
  return {
    publicPackage: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage }),
    privatePackage: encodeCbor([PRIVATE_VERSION, initPrivateKey, hpkePrivateKey, signaturePrivateKey]),
    reference: await makeKeyPackageRef(publicPackage, cs.hash),
  }
}

/** What is wrong with a leaf on its own, or undefined. */
export const leafProblem = (leaf: LeafNodeData & LeafNodeInfoOmitted, suite: Suite): string | undefined => {
  const { versions, ciphersuites: suites, credentials } = leaf.capabilities
  if (!versions.includes('mls10') || !suites.includes(MLS_NAMES[suite]) || !credentials.includes('basic'))
    return 'a leaf lacks a capability that the group needs'
  if (!extensionsSupportedByCapabilities(leaf.extensions, leaf.capabilities))
    return 'a leaf has an extension that it does not declare'
  if (!usablePublicKey(suite, leaf.hpkePublicKey)) return 'a leaf publishes a key that nobody can use'
  return undefined
}

/** Everything that can be checked about a key package without a group (RFC 9420 10.1) but its lifetime. */
export const keyPackageProblem = async (
  keyPackage: KeyPackage,
  suite: Suite,
  cs: CiphersuiteImpl,
): Promise<string | undefined> => {
  const { leafNode: leaf } = keyPackage
  if (keyPackage.version !== 'mls10' || keyPackage.cipherSuite !== MLS_NAMES[suite])
    return 'a key package of another suite'
  if (!usablePublicKey(suite, keyPackage.initKey)) return 'a key package with a key that nobody can use'
  if (equalBytes(keyPackage.initKey, leaf.hpkePublicKey)) return 'a key package that uses one key twice'
  const problem = leafProblem(leaf, suite)
  if (problem !== undefined) return problem
  if (
    !(await verifyLeafNodeSignatureKeyPackage(leaf, cs.signature)) ||
    !(await verifyKeyPackage(keyPackage, cs.signature))
  )
    return BAD_SIGNATURE
  return undefined
}

const BAD_SIGNATURE = 'a key package whose signature does not verify'

/** Decodes a public package of one of our suites. */
export const parseKeyPackage = (bytes: Uint8Array): { keyPackage: KeyPackage; suite: Suite } => {
  const { keyPackage } = parseMessage(bytes, 'mls_key_package', 'key package')
  const suite = keyPackage.cipherSuite in ciphersuites ? suiteOf(keyPackage.cipherSuite) : undefined
  if (suite === undefined) throw malformed('key package', 'its cipher suite is not one of ours')
  if (keyPackage.leafNode.leafNodeSource !== 'key_package')
    throw malformed('key package', 'its leaf is of another kind')
  return { keyPackage, suite }
}

/** Decodes and verifies. Throws `protocol/malformed` or `crypto/bad-signature`. */
export const readKeyPackage = async (load: LoadSuite, bytes: Uint8Array): Promise<KeyPackageInfo> => {
  const { keyPackage, suite } = parseKeyPackage(bytes)
  const identity = identityOfLeaf(keyPackage.leafNode)
  const cs = await load(suite)
  const problem = await guarded(
    () => keyPackageProblem(keyPackage, suite, cs),
    (cause) => malformed('key package', 'it cannot be verified', cause),
  )
  if (problem === BAD_SIGNATURE) throw new DchatError('crypto/bad-signature', { what: 'key package' })
  if (problem !== undefined) throw malformed('key package', problem)
  const { notBefore, notAfter } = keyPackage.leafNode.lifetime
  if (notBefore > notAfter || notAfter > BigInt(Number.MAX_SAFE_INTEGER))
    throw malformed('key package', 'its lifetime is not a range of times')
  const logHead = keyPackage.extensions.find(({ extensionType }) => extensionType === LOG_HEAD)?.extensionData
  if (logHead !== undefined && logHead.length !== HEAD_LENGTH) throw malformed('key package', 'its log head is no hash')
  return {
    suite,
    identity,
    notBefore: Number(notBefore),
    notAfter: Number(notAfter),
    lastResort: keyPackage.extensions.some(({ extensionType }) => extensionType === LAST_RESORT),
    reference: await makeKeyPackageRef(keyPackage, cs.hash),
    ...(logHead === undefined ? {} : { logHead }),
  }
}

export interface OwnPackage {
  readonly suite: Suite
  readonly keyPackage: KeyPackage
  readonly privateKeys: PrivateKeyPackage
}

/** Both halves of a pair that `createKeyPackage` made. Throws `protocol/malformed`. */
export const openPair = (pair: KeyPackagePair): OwnPackage => {
  const value = decodeCbor(pair.privatePackage, 'private key package', { size: 1024, depth: 1, items: 8 })
  const [version, ...keys] = Array.isArray(value) && value.length === 4 ? (value as unknown[]) : []
  const [initPrivateKey, hpkePrivateKey, signaturePrivateKey] = keys.map((key) =>
    key instanceof Uint8Array ? new Uint8Array(key) : undefined,
  )
  if (version !== PRIVATE_VERSION || !initPrivateKey || !hpkePrivateKey || !signaturePrivateKey)
    throw malformed('private key package', 'it is not one that this version wrote')
  return {
    ...parseKeyPackage(pair.publicPackage),
    privateKeys: { initPrivateKey, hpkePrivateKey, signaturePrivateKey },
  }
}
