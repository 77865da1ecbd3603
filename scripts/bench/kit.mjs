import { randomBytes } from 'node:crypto'
import { join as path } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../lib/run.mjs'

/** The built engine: the same chunks that are published, by the entry that the tests of the build use. */
const { createGroupEngine, handleOf, innerOf, nodeCrypto } = await import(
  pathToFileURL(path(root, 'packages/sdk/dist/internal/mls.js')).href
)

const crypto = nodeCrypto()

export const engine = createGroupEngine({ crypto })
export const SUITE = 'group-x25519-aes128'

/** What a commit carries of the conversation's own data (a control change is about as long). */
export const DATA = randomBytes(64)

export const random = (length) => new Uint8Array(randomBytes(length))
const LIFETIME = { notBefore: 1_700_000_000, notAfter: 1_900_000_000 }
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

/** A device of a person of its own. The engine asks only for the shape of an address. */
const newDevice = async () => {
  const seed = random(32)
  const address = `dchat1${[...random(40)].map((byte) => CHARSET[byte & 31]).join('')}`
  return { seed, identity: { address, deviceKey: await crypto.ed25519.publicKey(seed), certificate: random(32) } }
}

export const packageOf = ({ identity, seed }) => engine.createKeyPackage(SUITE, identity, seed, LIFETIME)

/** A device with a key package that nobody has used. */
export const newcomer = async () => {
  const device = await newDevice()
  return { device, pair: await packageOf(device) }
}

export const judge = async (group, commit) => {
  const verdict = await engine.judge(group, commit, () => true)
  if (verdict.verdict === 'void') throw new Error(`void: ${verdict.reason}`)
  return verdict
}

/** What every member does with another's commit. */
export const follow = async (group, commit) => engine.apply(group, commit, await judge(group, commit))

/** Adds newcomers by one commit; the Welcome carries no tree, so it is handed over beside it. */
export const add = (group, newcomers) =>
  engine.commit(group, { kind: 'add', keyPackages: newcomers.map(({ pair }) => pair.publicPackage) }, DATA)

export const join = async (pending, { pair }) =>
  engine.join(pending.welcome, (await engine.publicState(pending.next)).tree, pair)

/**
 * A group that grew by batches up to `size`, as its creator sees it, with every step that led there.
 * @param {number} size
 * @param {number} batch devices by the end of the first step, and added by each further one
 */
export const grow = async (size, batch) => {
  const people = await Promise.all(Array.from({ length: size }, newcomer))
  let group = await engine.create(random(32), people[0].pair)
  const steps = []
  for (let count = 1; count < size; ) {
    const newcomers = people.slice(count, Math.min(size, Math.ceil((count + 1) / batch) * batch))
    const pending = await add(group, newcomers)
    steps.push({ before: group, newcomers, pending })
    group = pending.next
    count += newcomers.length
  }
  return { people, group, steps }
}

/**
 * The state of another member of `group`'s epoch, as far as committing needs it. Tree, context and key schedule are the
 * same at all members; leaf and signature key are its own. It lacks the path keys that others' commits told the member,
 * which its own commit replaces.
 */
const asMember = (group, leaf, { device }) => {
  const inner = innerOf(group)
  const privatePath = { leafIndex: leaf, privateKeys: {} }
  return handleOf({
    ...inner,
    consumed: [],
    state: { ...inner.state, privatePath, signaturePrivateKey: device.seed },
  })
}

/**
 * Warms the tree: every second member makes one empty commit, so that every inner node gets a key. That is the steady
 * state of a group in which each device commits before its first message. The last two committers sit in different
 * halves of the tree, as most pairs of members do; the one before the last then follows the last one, so that both hold
 * whole states of their own.
 */
export const warm = async (group, people) => {
  const update = (at, leaf) => engine.commit(asMember(at, leaf, people[leaf]), { kind: 'update' }, DATA)
  let current = group
  for (let leaf = 2; leaf < people.length; leaf += 2) current = (await update(current, leaf)).next
  const last = await update(current, 0)
  return { committer: last.next, other: await follow(current, last.commit) }
}
