import {
  approveCommit,
  bindOf,
  type CommitFrame,
  encodeCommitFrame,
  signCommitFrame,
  type UnsignedCommitFrame,
} from '../../src/protocol/topic/commit-frame.ts'
import {
  attachedHash,
  bodyHash,
  type EntryContent,
  entryHash,
  frameHash,
  type HeadStep,
  nextHead,
  ZERO_HEAD,
} from '../../src/protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, topicKeyOf } from '../../src/protocol/topic/epoch-keys.ts'
import { topicIdOf } from '../../src/protocol/topic/ids.ts'
import { merkleRoot } from '../../src/protocol/topic/merkle.ts'
import { issueReceipts, receiptLeaf, rootStatement } from '../../src/protocol/topic/receipt.ts'
import { encodeReceipt } from '../../src/protocol/topic/receipt-codec.ts'
import { wrapEntry } from '../../src/protocol/topic/wrap.ts'
import { statement } from '../../src/protocol/wire/cbor.ts'
import { ENTRY_KINDS, type Receipt } from '../../src/protocol/wire/methods.ts'
import { linkProofBytes, welcomeBytes } from '../../src/protocol/wire/proof.ts'
import { concat, toHex, utf8 } from '../../src/util/bytes.ts'
import { sha256 } from '../../src/util/hash.ts'
import { testCrypto } from '../support/crypto.ts'

/** Bytes that look random and are the same every time: SHA-256 of a name, in a counter. */
const bytes = (name: string, length = 32): Uint8Array => {
  let out = new Uint8Array()
  for (let i = 0; out.length < length; i++) out = concat(out, sha256(utf8(`dchat vector ${name} ${i}`))) as typeof out
  return out.slice(0, length)
}

/** Byte strings become hex, all the way down. */
const hexed = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(hexed)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, hexed(field)]))
  return value
}

const topic = bytes('topic')

const epochKeyVectors = async () => {
  const epochs = await Promise.all(
    ['seed of epoch 0', 'seed of epoch 1'].map(async (name) => {
      const topicSeed = bytes(name)
      const keys = epochKeysOf(topicSeed)
      return { topicSeed, ...keys, topicKey: await topicKeyOf(testCrypto, keys) }
    }),
  )
  const key = epochs[0]?.topicKey as Uint8Array
  const nonce = bytes('nonce', 16)
  const id = { key, nonce, statement: statement('topic', [key, nonce]), id: topicIdOf(key, nonce) }
  return { exporterLabel: EXPORTER_LABEL, epochs, topicId: id }
}

const wrapVectors = async () => {
  const { wrapKey } = epochKeysOf(bytes('seed of epoch 0'))
  const lengths = [0, 1, 204, 205, 1500]
  const valid = await Promise.all(
    lengths.map(async (length, index) => {
      const context = { topic, kind: index % 2 ? ('commit' as const) : ('application' as const), epoch: index * 1000 }
      const random = bytes(`random ${index}`)
      const message = bytes(`message ${index}`, length)
      const body = await wrapEntry({ ...testCrypto, random: () => random }, wrapKey, context, message)
      const aad = statement('wrap', [topic, ENTRY_KINDS[context.kind], context.epoch])
      return { wrapKey, ...context, random, message, statement: aad, body }
    }),
  )
  const good = valid[0] as (typeof valid)[0]
  const changed = good.body.slice()
  changed[100] = (changed[100] as number) ^ 1
  const invalid = [
    { name: 'another epoch', ...good, epoch: 1, error: 'crypto/cannot-decrypt' },
    { name: 'another kind', ...good, kind: 'commit', error: 'crypto/cannot-decrypt' },
    { name: 'another topic', ...good, topic: bytes('another topic'), error: 'crypto/cannot-decrypt' },
    { name: 'a changed bit', ...good, body: changed, error: 'crypto/cannot-decrypt' },
    { name: 'a length between the classes', ...good, body: good.body.slice(1), error: 'protocol/malformed' },
  ]
  return { valid, invalid }
}

const contents = (): EntryContent[] => [
  { topic, kind: 'application', epoch: 0, reference: bytes('reference 1', 16), body: bytes('body 1', 256) },
  {
    topic,
    kind: 'commit',
    epoch: 0,
    reference: bytes('reference 2', 16),
    body: bytes('body 2', 1024),
    frame: bytes('frame 2', 100),
  },
  { topic, kind: 'application', epoch: 1, reference: bytes('reference 3', 16), body: bytes('body 3', 256) },
]

const steps = (): HeadStep[] => {
  let previous: Uint8Array = ZERO_HEAD
  return contents().map((content, index) => {
    const { kind } = content
    const step = {
      topic,
      seq: index + 1,
      previous,
      entry: entryHash(content),
      time: 1_760_000_000_000 + index * 7,
      kind,
    }
    previous = nextHead(step)
    return step
  })
}

const entryVectors = () =>
  contents().map((content, index) => {
    const { kind, epoch, reference, body, frame } = content
    const step = steps()[index] as HeadStep
    const hashes = { bodyHash: bodyHash(body), frameHash: frame ? frameHash(frame) : null }
    return {
      ...content,
      frame: frame ?? null,
      ...hashes,
      statement: statement('entry', [topic, ENTRY_KINDS[kind], epoch, reference, hashes.bodyHash, hashes.frameHash]),
      entry: entryHash(content),
      seq: step.seq,
      previous: step.previous,
      time: step.time,
      headStatement: statement('head', [topic, step.seq, step.previous, step.entry, step.time, ENTRY_KINDS[kind]]),
      head: nextHead(step),
    }
  })

const receiptVectors = async () => {
  const relaySeed = bytes('relay seed')
  const relayKey = await testCrypto.ed25519.publicKey(relaySeed)
  const batch = steps()
  const receipts = await issueReceipts(batch, relayKey, (message) => testCrypto.ed25519.sign(relaySeed, message))
  const leaves = batch.map(receiptLeaf)
  const root = merkleRoot(leaves)
  const last = receipts[2] as Receipt
  const encodedLast = encodeReceipt(last)
  return {
    relaySeed,
    relayKey,
    root,
    statement: rootStatement(relayKey, root, receipts.length),
    valid: receipts.map((receipt, index) => ({
      leaf: leaves[index],
      encoded: encodeReceipt(receipt),
      head: nextHead(receipt),
    })),
    invalid: [
      { name: 'another time', encoded: encodeReceipt({ ...last, time: last.time + 1 }), error: 'relay/bad-receipt' },
      { name: 'another place in the tree', encoded: encodeReceipt({ ...last, index: 1 }), error: 'relay/bad-receipt' },
      { name: 'no path', encoded: encodeReceipt({ ...last, path: [] }), error: 'relay/bad-receipt' },
      {
        name: 'a signature of zeros',
        encoded: encodeReceipt({ ...last, signature: new Uint8Array(64) }),
        error: 'relay/bad-receipt',
      },
      { name: 'cut short', encoded: encodedLast.slice(0, -1), error: 'protocol/malformed' },
      { name: 'a sequence of zero', encoded: encodeReceipt({ ...last, seq: 0 }), error: 'protocol/malformed' },
      { name: 'over the limit', encoded: new Uint8Array(2049), error: 'protocol/too-large' },
    ],
  }
}

const commitFrameVectors = async () => {
  const topicSeed32 = epochKeysOf(bytes('seed of epoch 0')).topicSeed32
  const next = epochKeysOf(bytes('seed of epoch 1'))
  const [groupContext, externalPub, snapshotHash] = [
    bytes('group context', 80),
    bytes('external pub'),
    bytes('snapshot'),
  ]
  const attachedBody = bytes('attached', 50)
  const unsigned: UnsignedCommitFrame = {
    topic,
    epoch: 0,
    commit: bodyHash(bytes('body 2', 1024)),
    nextKey: await topicKeyOf(testCrypto, next),
    removes: false,
    attached: [{ id: bytes('attached id', 16), hash: attachedHash(attachedBody) }],
    bind: bindOf(next.bindKey, groupContext, externalPub, snapshotHash),
  }
  const frame: CommitFrame = await signCommitFrame(testCrypto, topicSeed32, unsigned)
  const encoded = encodeCommitFrame(frame)
  const commitSeed = bytes('commit key seed')
  const commitKey = await testCrypto.ed25519.publicKey(commitSeed)
  const named = await signCommitFrame(testCrypto, topicSeed32, { ...unsigned, commitKey })
  const lifted = await signCommitFrame(testCrypto, topicSeed32, { ...unsigned, commitKey: null })
  const encodedNamed = encodeCommitFrame(named)
  return {
    topicSeed32,
    topicKey: await testCrypto.ed25519.publicKey(topicSeed32),
    bind: { key: next.bindKey, groupContext, externalPub, snapshotHash, mac: unsigned.bind },
    attachedBody,
    frame,
    encoded,
    keyed: [
      { name: 'a commit key from here on', frame: named, encoded: encodedNamed },
      { name: 'no commit key any more', frame: lifted, encoded: encodeCommitFrame(lifted) },
    ],
    approval: {
      commitSeed,
      commitKey,
      statement: statement('commit-approval', [encodedNamed]),
      signature: await approveCommit(testCrypto, commitSeed, encodedNamed),
    },
    invalid: [
      {
        name: 'a commit key that was not signed',
        encoded: encodeCommitFrame({ ...frame, commitKey }),
        error: 'crypto/bad-signature',
      },
      {
        name: 'another commit key',
        encoded: encodeCommitFrame({ ...named, commitKey: topic }),
        error: 'crypto/bad-signature',
      },
      {
        name: 'a commit key that was left out',
        encoded: encodeCommitFrame({ ...frame, signature: named.signature }),
        error: 'crypto/bad-signature',
      },
      {
        name: 'a short commit key',
        encoded: encodeCommitFrame({ ...named, commitKey: commitKey.slice(1) }),
        error: 'protocol/malformed',
      },
      {
        name: 'a removal that was not signed',
        encoded: encodeCommitFrame({ ...frame, removes: true }),
        error: 'crypto/bad-signature',
      },
      {
        name: 'another next key',
        encoded: encodeCommitFrame({ ...frame, nextKey: topic }),
        error: 'crypto/bad-signature',
      },
      { name: 'cut short', encoded: encoded.slice(0, -1), error: 'protocol/malformed' },
      {
        name: 'a short topic',
        encoded: encodeCommitFrame({ ...frame, topic: topic.slice(1) }),
        error: 'protocol/malformed',
      },
      { name: 'over the limit', encoded: new Uint8Array(4097), error: 'protocol/too-large' },
    ],
  }
}

const linkVectors = async () => {
  const [relaySeed, nonce, challenge] = [bytes('relay seed'), bytes('hello nonce'), bytes('challenge')]
  const relayKey = await testCrypto.ed25519.publicKey(relaySeed)
  const welcome = welcomeBytes(nonce, challenge)
  const keySeed = epochKeysOf(bytes('seed of epoch 0')).topicSeed32
  const proof = linkProofBytes(relayKey, challenge, 'topic', topic)
  return {
    relayKey,
    nonce,
    challenge,
    welcome: { statement: welcome, signature: await testCrypto.ed25519.sign(relaySeed, welcome) },
    proof: {
      kind: 'topic',
      subject: topic,
      keySeed,
      statement: proof,
      signature: await testCrypto.ed25519.sign(keySeed, proof),
    },
  }
}

/** File name to content. */
export const makeVectors = async (): Promise<Readonly<Record<string, string>>> => {
  const files = {
    'epoch-keys': await epochKeyVectors(),
    wrap: await wrapVectors(),
    entry: entryVectors(),
    receipt: await receiptVectors(),
    'commit-frame': await commitFrameVectors(),
    link: await linkVectors(),
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${name}.json`, `${JSON.stringify(hexed(content), null, 2)}\n`]),
  )
}
