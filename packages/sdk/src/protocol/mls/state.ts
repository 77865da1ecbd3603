import type { ClientConfig } from 'ts-mls/clientConfig.js'
import type { GroupState } from 'ts-mls/clientState.js'
import { decodeUint8, decodeUint64, uint8Encoder, uint64Encoder } from 'ts-mls/codec/number.js'
import { mapDecoders } from 'ts-mls/codec/tlsDecoder.js'
import { type BufferEncoder, contramapBufferEncoders, encode as encodeWith } from 'ts-mls/codec/tlsEncoder.js'
import {
  decodeVarLenData,
  decodeVarLenType,
  varLenDataEncoder,
  varLenTypeEncoder,
} from 'ts-mls/codec/variableLength.js'
import { decodeGroupContext, type GroupContext, groupContextEncoder } from 'ts-mls/groupContext.js'
import { decodeKeySchedule, keyScheduleEncoder } from 'ts-mls/keySchedule.js'
import { decodePrivateKeyPath, privateKeyPathEncoder } from 'ts-mls/privateKeyPath.js'
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js'
import type { SecretTree } from 'ts-mls/secretTree.js'
import { treeHashRoot } from 'ts-mls/treeHash.js'
import { equalBytes } from '../../util/bytes.ts'
import type { Group, Suite } from './engine.ts'
import { malformed } from './failures.ts'
import { handleOf, innerOf } from './group.ts'
import { parse } from './parse.ts'
import { decodeRatchets, ratchetsEncoder } from './stored-ratchets.ts'
import { type LoadSuite, MLS_NAMES } from './suites.ts'
import { leafAt } from './tree.ts'

const FORMAT = 'group state'
const VERSION = 1
const LIMIT = 64 * 1024 * 1024

/** The part that changes once per epoch: the trees of the current and of the retained epochs. */
interface Trees {
  readonly current: RatchetTree
  readonly past: (readonly [bigint, RatchetTree])[]
}

/** A tree never changes, and it is stored again with each of the epochs that come after its own. */
const encodedTrees = new WeakMap<RatchetTree, Uint8Array>()

const treeEncoder: BufferEncoder<RatchetTree> = (tree) => {
  const encoded = encodedTrees.get(tree) ?? encodeRatchetTree(tree)
  encodedTrees.set(tree, encoded)
  return [encoded.length, (offset, buffer) => new Uint8Array(buffer).set(encoded, offset)]
}

const pastTreeEncoder = contramapBufferEncoders(
  [uint64Encoder, treeEncoder],
  ([epoch, tree]: readonly [bigint, RatchetTree]) => [epoch, tree] as const,
)
const decodePastTree = mapDecoders([decodeUint64, decodeRatchetTree], (epoch, tree) => [epoch, tree] as const)

const encodeTrees = encodeWith(
  contramapBufferEncoders(
    [uint8Encoder, treeEncoder, varLenTypeEncoder(pastTreeEncoder)],
    ({ current, past }: Trees) => [VERSION, current, past] as const,
  ),
)
const decodeTrees = mapDecoders(
  [decodeUint8, decodeRatchetTree, decodeVarLenType(decodePastTree)],
  (version, current, past): Trees & { version: number } => ({ version, current, past }),
)

/** A retained epoch without its tree. Its resumption PSK is left out: this protocol never uses one. */
interface PastKeys {
  readonly senderDataSecret: Uint8Array
  readonly secretTree: SecretTree
  readonly groupContext: GroupContext
}

const pastKeysEncoder = contramapBufferEncoders(
  [varLenDataEncoder, ratchetsEncoder, groupContextEncoder],
  (past: PastKeys) => [past.senderDataSecret, past.secretTree, past.groupContext] as const,
)
const decodePastKeys = mapDecoders(
  [decodeVarLenData, decodeRatchets, decodeGroupContext],
  (senderDataSecret, secretTree, groupContext): PastKeys => ({ senderDataSecret, secretTree, groupContext }),
)

type Rest = Omit<GroupState, 'ratchetTree' | 'historicalReceiverData' | 'unappliedProposals' | 'groupActiveState'> & {
  readonly active: boolean
  readonly past: PastKeys[]
}

const encodeRest = encodeWith(
  contramapBufferEncoders(
    [
      uint8Encoder,
      uint8Encoder,
      groupContextEncoder,
      keyScheduleEncoder,
      ratchetsEncoder,
      privateKeyPathEncoder,
      varLenDataEncoder,
      varLenDataEncoder,
      varLenTypeEncoder(pastKeysEncoder),
    ],
    (rest: Rest) =>
      [
        VERSION,
        rest.active ? 1 : 0,
        rest.groupContext,
        rest.keySchedule,
        rest.secretTree,
        rest.privatePath,
        rest.signaturePrivateKey,
        rest.confirmationTag,
        rest.past,
      ] as const,
  ),
)
const decodeRest = mapDecoders(
  [
    decodeUint8,
    decodeUint8,
    decodeGroupContext,
    decodeKeySchedule,
    decodeRatchets,
    decodePrivateKeyPath,
    decodeVarLenData,
    decodeVarLenData,
    decodeVarLenType(decodePastKeys),
  ],
  (
    version,
    active,
    groupContext,
    keySchedule,
    secretTree,
    privatePath,
    signaturePrivateKey,
    confirmationTag,
    past,
  ) => ({
    version,
    active: active === 1,
    groupContext,
    keySchedule,
    secretTree,
    privatePath,
    signaturePrivateKey,
    confirmationTag,
    past,
  }),
)

/** Within an epoch the trees stay the same objects while every message writes the rest. */
const encodedEpochs = new WeakMap<RatchetTree, { readonly epochs: string; readonly encoded: Uint8Array }>()

const treesOf = ({ ratchetTree, historicalReceiverData }: GroupState): Uint8Array => {
  const epochs = [...historicalReceiverData.keys()].join()
  const known = encodedEpochs.get(ratchetTree)
  if (known?.epochs === epochs) return known.encoded
  const past = [...historicalReceiverData.values()].map((data): readonly [bigint, RatchetTree] => [
    data.groupContext.epoch,
    data.ratchetTree,
  ])
  const encoded = encodeTrees({ current: ratchetTree, past })
  encodedEpochs.set(ratchetTree, { epochs, encoded })
  return encoded
}

/** Both parts hold secrets or shape: they are sealed before they are stored. */
export const encodeGroup = (group: Group): { tree: Uint8Array; state: Uint8Array } => {
  const { state } = innerOf(group)
  const past = [...state.historicalReceiverData.values()]
  return {
    tree: treesOf(state),
    state: encodeRest({ ...state, active: state.groupActiveState.kind === 'active', past }),
  }
}

/**
 * True if both have the very same trees, so that one stored half serves both. Equal epoch numbers do not tell: a void commit
 * and the one that replaces it lead to one number.
 */
export const haveSameTrees = (a: Group, b: Group): boolean => treesOf(innerOf(a).state) === treesOf(innerOf(b).state)

/** Throws `protocol/malformed` for anything but a matching pair of one suite. */
export const decodeGroup = async (
  load: LoadSuite,
  clientConfig: ClientConfig,
  encoded: { tree: Uint8Array; state: Uint8Array },
  suite: Suite,
): Promise<Group> => {
  const trees = parse(encoded.tree, FORMAT, LIMIT, decodeTrees, encodeTrees)
  const { past, active, version, ...rest } = parse(encoded.state, FORMAT, LIMIT, decodeRest, encodeRest)
  if (version !== VERSION || trees.version !== VERSION) throw malformed(FORMAT, 'it is of another version')
  if (rest.groupContext.cipherSuite !== MLS_NAMES[suite]) throw malformed(FORMAT, 'it is of another suite')
  const cs = await load(suite)
  const treeOf = new Map(trees.past)
  const historicalReceiverData = new Map(
    past.map((keys) => {
      const ratchetTree = treeOf.get(keys.groupContext.epoch)
      if (ratchetTree === undefined) throw malformed(FORMAT, 'a tree is missing')
      return [keys.groupContext.epoch, { ...keys, ratchetTree, resumptionPsk: new Uint8Array() }]
    }),
  )
  const hash = await treeHashRoot(trees.current, cs.hash).catch((cause: unknown) => {
    throw malformed(FORMAT, 'its tree is not one', cause)
  })
  if (!equalBytes(hash, rest.groupContext.treeHash) || leafAt(trees.current, rest.privatePath.leafIndex) === undefined)
    throw malformed(FORMAT, 'its tree is not that of its epoch')
  return handleOf({
    suite,
    cs,
    consumed: [],
    state: {
      ...rest,
      ratchetTree: trees.current,
      historicalReceiverData,
      unappliedProposals: {},
      groupActiveState: { kind: active ? 'active' : 'removedFromGroup' },
      clientConfig,
    },
  })
}
