import { joinGroup, processProposal } from 'ts-mls/clientState.js'
import { createCommit, joinGroupExternal } from 'ts-mls/createCommit.js'
import { createProposal } from 'ts-mls/createMessage.js'
import { proposeAddExternal } from 'ts-mls/externalProposal.js'
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js'
import { protectApplicationData } from 'ts-mls/messageProtection.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeMlsPrimitives } from '../../src/adapters/crypto/mls-node.ts'
import { createGroupEngine } from '../../src/protocol/mls/create-group-engine.ts'
import type { Group, Permits } from '../../src/protocol/mls/engine.ts'
import { openPair } from '../../src/protocol/mls/key-package.ts'
import { usablePublicKey } from '../../src/protocol/mls/public-key.ts'
import { publicMessageOf, stolen } from './forge.ts'
import { canReach } from './history.ts'
import {
  AAD,
  addTo,
  anyone,
  bytes,
  type Device,
  engine,
  follow,
  groupOf,
  newDevice,
  packageOf,
  SUITE,
  text,
} from './support.ts'

let alice: Group
let bob: Group
let mallory: Group
let devices: Device[]

beforeAll(async () => {
  const made = await groupOf(4)
  devices = made.devices
  ;[alice, bob, mallory] = made.groups as [Group, Group, Group]
})

const reasonOf = async (commit: Uint8Array, group = alice, permits: Permits = anyone): Promise<string> => {
  const verdict = await engine.judge(group, commit, permits)
  return verdict.verdict === 'void' ? verdict.reason : 'valid'
}

const two = async () => (await groupOf(2)).groups as [Group, Group]
const keyPackageOf = async (device: Device) => openPair(await packageOf(device)).keyPackage
const addProposal = async (device = newDevice()) =>
  ({ proposalType: 'add', add: { keyPackage: await keyPackageOf(device) } }) as const

describe('senders', () => {
  test('a member that claims another leaf is refused', async () => {
    const { state, cs } = stolen(mallory)
    const { privateMessage } = await protectApplicationData(
      state.signaturePrivateKey,
      state.keySchedule.senderDataSecret,
      text('I am Bob'),
      AAD,
      state.groupContext,
      state.secretTree,
      bob.ownLeaf,
      state.clientConfig.paddingConfig,
      cs,
    )
    const message = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage })
    await expect(engine.decrypt(alice, message)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
  })

  test('the verified sender is the leaf, in the tree of the epoch of the message', async () => {
    const { message, next } = await engine.encrypt(bob, text('late'), AAD)
    const gone = await engine.commit(alice, { kind: 'remove', leaves: [bob.ownLeaf] }, AAD)
    const after = engine.rebase(gone.next, alice)
    expect(after.members.some(({ leaf }) => leaf === bob.ownLeaf)).toBe(false)
    const opened = await engine.decrypt(after, message)
    expect(opened.sender.address).toBe(devices[1]?.identity.address)
    expect(opened.sender.leaf).toBe(bob.ownLeaf)
    expect(opened.epoch).toBe(bob.epoch)
    expect(next.epoch).toBe(bob.epoch)
  })

  test('a replayed message is refused', async () => {
    const { message } = await engine.encrypt(bob, text('once'), AAD)
    const { next } = await engine.decrypt(alice, message)
    await expect(engine.decrypt(next, message)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
  })
})

describe('the key package of a stranger does not get in', () => {
  test('by an external proposal, or by a commit that picks it up', async () => {
    const { state, cs } = stolen(alice)
    const shared = publicMessageOf
    const relay = newDevice()
    const pair = openPair(await packageOf(relay))
    const { groupInfo } = await engine.publicState(alice)
    const info = decodeMlsMessage(groupInfo, 0)?.[0]
    if (info?.wireformat !== 'mls_group_info') throw new Error('no group info')
    const proposal = await proposeAddExternal(info.groupInfo, pair.keyPackage, pair.privateKeys, cs)
    const encoded = encodeMlsMessage(proposal)
    expect(await reasonOf(encoded)).toBe('a message that is not a commit')
    const content = shared(encoded)
    if (content.content.contentType !== 'proposal') throw new Error('no proposal')
    const tricked = await processProposal(
      state,
      { wireformat: 'mls_public_message', content: content.content, auth: content.auth },
      content.content.proposal,
      cs.hash,
    )
    const { commit } = await createCommit(
      { state: tricked, cipherSuite: cs, pskIndex: emptyPskIndex },
      { wireAsPublicMessage: true },
    )
    expect(await reasonOf(encodeMlsMessage(commit), bob)).toBe('a proposal by reference')
  })

  test('by a standalone proposal of a member', async () => {
    const { state, cs } = stolen(mallory)
    const { message } = await createProposal(state, true, await addProposal(), cs)
    expect(await reasonOf(encodeMlsMessage(message as never))).toBe('a message that is not a commit')
  })

  test('by an external commit of a device that is no leaf', async () => {
    const { groupInfo, tree } = await engine.publicState(alice)
    const stranger = newDevice()
    const pair = await packageOf(stranger)
    await expect(engine.externalCommit({ groupInfo, tree }, pair, AAD)).rejects.toMatchObject({
      code: 'conversation/not-member',
    })
    const { state, cs } = stolen(alice)
    const info = decodeMlsMessage(groupInfo, 0)?.[0]
    if (info?.wireformat !== 'mls_group_info') throw new Error('no group info')
    const { keyPackage, privateKeys } = openPair(pair)
    const { publicMessage } = await joinGroupExternal(
      info.groupInfo,
      keyPackage,
      privateKeys,
      false,
      cs,
      state.ratchetTree,
      state.clientConfig,
    )
    expect(
      await reasonOf(encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage })),
    ).toBe('an external commit that replaces no leaf')
  })

  test('unless the permission table lets the commit pass', async () => {
    const { pending } = await addTo(bob, [newDevice()])
    let seen = 0
    const refuse: Permits = (view, members) => {
      seen = members.length
      return view.added.length === 1 ? 'not allowed to add' : true
    }
    expect(await reasonOf(pending.commit, alice, refuse)).toBe('not allowed to add')
    expect(seen).toBe(4)
    expect(await reasonOf(pending.commit)).toBe('valid')
  })
})

describe('framing', () => {
  test('a commit framed as an application message, and the reverse', async () => {
    const { state, cs } = stolen(mallory)
    const { commit: hidden } = await createCommit({ state, cipherSuite: cs }, { wireAsPublicMessage: false })
    await expect(engine.decrypt(alice, encodeMlsMessage(hidden))).rejects.toMatchObject({ code: 'conversation/void' })
    expect(await reasonOf(encodeMlsMessage(hidden))).toBe('it does not decode')
    const { commit } = await engine.commit(mallory, { kind: 'update' }, AAD)
    await expect(engine.decrypt(alice, commit)).rejects.toMatchObject({ code: 'protocol/malformed' })
    const { message } = await engine.encrypt(mallory, text('hi'), AAD)
    expect(await reasonOf(message)).toBe('it does not decode')
    expect(await reasonOf(new Uint8Array([...commit, 0]))).toBe('it does not decode')
  })

  test('a message of another group', async () => {
    const other = await groupOf(2)
    const { message } = await engine.encrypt(other.groups[0] as Group, text('hi'), AAD)
    await expect(engine.decrypt(alice, message)).rejects.toMatchObject({ code: 'conversation/void' })
  })

  test('a verdict counts for its own commit and state only', async () => {
    const first = await engine.commit(mallory, { kind: 'update' }, AAD)
    const second = await engine.commit(bob, { kind: 'update' }, AAD)
    const verdict = await engine.judge(alice, first.commit, anyone)
    const wrong = { code: 'usage/invalid-argument' }
    await expect(engine.apply(alice, second.commit, verdict)).rejects.toMatchObject(wrong)
    await expect(engine.apply(await follow(alice, first.commit), first.commit, verdict)).rejects.toMatchObject(wrong)
    await expect(engine.apply(alice, first.commit, structuredClone(verdict))).rejects.toMatchObject(wrong)
    await expect(engine.apply(alice, first.commit, { verdict: 'void', reason: 'x' })).rejects.toMatchObject({
      code: 'conversation/void',
    })
  })
})

describe('evil path keys (third repair)', () => {
  /** Publishes random keys on the path but encrypts the true path secrets. */
  const withEvilPath = () => {
    const { state, cs } = stolen(mallory)
    let calls = 0
    const deriveKeyPair: typeof cs.hpke.deriveKeyPair = (ikm) =>
      calls++ === 0 ? cs.hpke.deriveKeyPair(ikm) : cs.hpke.generateKeyPair()
    return { state, cipherSuite: { ...cs, hpke: { ...cs.hpke, deriveKeyPair } }, pskIndex: emptyPskIndex }
  }

  test('in a commit: publicly valid, refused by everyone who decrypts the path', async () => {
    const { commit } = await createCommit(withEvilPath(), { wireAsPublicMessage: true })
    const encoded = encodeMlsMessage(commit)
    for (const group of [alice, bob]) {
      const verdict = await engine.judge(group, encoded, anyone)
      expect(verdict.verdict).toBe('valid')
      await expect(engine.apply(group, encoded, verdict)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
    }
  })

  test('in a Welcome', async () => {
    const extraProposals = async () => [
      { proposalType: 'remove', remove: { removed: bob.ownLeaf } } as const,
      { proposalType: 'add', add: { keyPackage: joiner.keyPackage } } as const,
    ]
    const joiner = openPair(await packageOf(newDevice()))
    const { state, cs } = stolen(mallory)
    const join = async (context: Parameters<typeof createCommit>[0]) => {
      const made = await createCommit(context, { wireAsPublicMessage: true, extraProposals: await extraProposals() })
      if (made.welcome === undefined) throw new Error('no welcome')
      return joinGroup(
        made.welcome,
        joiner.keyPackage,
        joiner.privateKeys,
        emptyPskIndex,
        cs,
        made.newState.ratchetTree,
        undefined,
        state.clientConfig,
      )
    }
    await expect(join({ state, cipherSuite: cs, pskIndex: emptyPskIndex })).resolves.toBeDefined()
    await expect(join(withEvilPath())).rejects.toThrow('Derived path key differs')
  })
})

describe('removal', () => {
  test('whoever is removed last cannot follow the one member who is left (fifth repair)', async () => {
    const [left, out] = await two()
    const removal = await engine.commit(left, { kind: 'remove', leaves: [out.ownLeaf] }, AAD)
    const removed = await follow(out, removal.commit)
    expect(removed.active).toBe(false)
    expect(await canReach(removed, removal.commit, removal.next)).toBe(false)
  })

  test('a removed device still reads late messages of its last epoch, and writes nothing', async () => {
    const [a, b] = await two()
    const { message, next } = await engine.encrypt(a, text('before'), AAD)
    const removed = await follow(b, (await engine.commit(next, { kind: 'remove', leaves: [b.ownLeaf] }, AAD)).commit)
    const restored = await engine.decode(engine.encode(removed), SUITE)
    expect(restored.active).toBe(false)
    expect(new TextDecoder().decode((await engine.decrypt(restored, message)).plaintext)).toBe('before')
    await expect(engine.encrypt(restored, text('x'), AAD)).rejects.toMatchObject({ code: 'conversation/not-member' })
    await expect(engine.commit(restored, { kind: 'update' }, AAD)).rejects.toMatchObject({
      code: 'conversation/not-member',
    })
  })
})

describe('certified', () => {
  test('a device that was never certified is void in a commit and refused at joining; failures pass untouched', async () => {
    const known = new Set(devices.map(({ identity }) => identity.address))
    const failure = new Error('the log cannot be read')
    let answer: 'log' | 'fail' = 'log'
    const strict = createGroupEngine({
      crypto: nodeMlsPrimitives(),
      certified: async ({ address }) => {
        if (answer === 'fail') throw failure
        return known.has(address)
      },
    })
    const group = await strict.decode(engine.encode(alice), SUITE)
    const { pending } = await addTo(bob, [newDevice()])
    expect(await strict.judge(group, pending.commit, anyone)).toEqual({
      verdict: 'void',
      reason: 'a device that was never certified',
      // Bob's signature stands under it, so it is proven who broke the rule.
      author: group.members.find(({ leaf }) => leaf === bob.ownLeaf),
    })
    const pair = await packageOf(newDevice())
    const added = await engine.commit(alice, { kind: 'add', keyPackages: [pair.publicPackage] }, AAD)
    const { tree } = await engine.publicState(added.next)
    await expect(strict.join(added.welcome as Uint8Array, tree, pair)).rejects.toMatchObject({
      code: 'conversation/void',
    })
    answer = 'fail'
    await expect(strict.judge(group, pending.commit, anyone)).rejects.toBe(failure)
    await expect(strict.join(added.welcome as Uint8Array, tree, pair)).rejects.toBe(failure)
  })
})

describe('keys', () => {
  test('key packages with unusable keys or foreign signatures are refused', async () => {
    const pair = await packageOf(newDevice())
    await expect(engine.readKeyPackage(pair.publicPackage)).resolves.toMatchObject({ suite: SUITE, lastResort: false })
    const forged = new Uint8Array(pair.publicPackage)
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    await expect(engine.readKeyPackage(forged)).rejects.toMatchObject({ code: 'crypto/bad-signature' })
    const other = newDevice()
    const { seed } = newDevice()
    await expect(
      engine.createKeyPackage(SUITE, other.identity, seed, { notBefore: 0, notAfter: 1 }),
    ).rejects.toMatchObject({
      code: 'usage/invalid-argument',
    })
  })

  test('small-order X25519 points and unreduced ML-KEM keys are unusable', () => {
    const point = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
    const small = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    ]
    for (const hex of small) expect(usablePublicKey(SUITE, point(hex))).toBe(false)
    expect(usablePublicKey(SUITE, point(`09${'00'.repeat(31)}`))).toBe(true)
    expect(usablePublicKey(SUITE, bytes(31))).toBe(false)
    const xWing = new Uint8Array(1216).fill(9, 1184)
    expect(usablePublicKey('dm-xwing-aes256', xWing)).toBe(true)
    expect(usablePublicKey('dm-xwing-aes256', new Uint8Array(1216).fill(0xff))).toBe(false)
    expect(usablePublicKey('dm-xwing-aes256', new Uint8Array(1216))).toBe(false)
  })

  test('a lifetime long past changes nothing: the caller has the clock', async () => {
    const device = newDevice()
    const pair = await engine.createKeyPackage(SUITE, device.identity, device.seed, {
      notBefore: 0,
      notAfter: 1,
      lastResort: true,
    })
    await expect(engine.readKeyPackage(pair.publicPackage)).resolves.toMatchObject({
      notBefore: 0,
      notAfter: 1,
      lastResort: true,
    })
    const pending = await engine.commit(alice, { kind: 'add', keyPackages: [pair.publicPackage] }, AAD)
    const { tree } = await engine.publicState(pending.next)
    await expect(engine.join(pending.welcome as Uint8Array, tree, pair)).resolves.toMatchObject({
      epoch: alice.epoch + 1,
    })
  })

  test('a Welcome for another device does not open', async () => {
    const pair = await packageOf(newDevice())
    const pending = await engine.commit(alice, { kind: 'add', keyPackages: [pair.publicPackage] }, AAD)
    const { tree } = await engine.publicState(pending.next)
    await expect(engine.join(pending.welcome as Uint8Array, tree, await packageOf(newDevice()))).rejects.toMatchObject({
      code: 'crypto/cannot-decrypt',
    })
  })
})

test('a message that no receiver would read is refused before it is encrypted', async () => {
  const largest = 1024 * 1024 - 512 - AAD.length
  await expect(engine.encrypt(alice, new Uint8Array(largest + 1), AAD)).rejects.toMatchObject({
    code: 'protocol/too-large',
  })
  const { message } = await engine.encrypt(alice, new Uint8Array(largest), AAD)
  expect((await engine.decrypt(bob, message)).plaintext.length).toBe(largest)
})

test('a handle holds no secret, and a foreign object is no handle', async () => {
  const copy = structuredClone(alice)
  expect(Object.keys(copy).sort()).toEqual(['active', 'authenticator', 'epoch', 'id', 'members', 'ownLeaf', 'suite'])
  await expect(engine.encrypt(copy, text('x'), AAD)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
})

test('forgetting what the running state consumed leaves a pending commit whole, without rebase too', async () => {
  const [a, b] = await two()
  const pending = await engine.commit(a, { kind: 'update' }, AAD)
  const first = await engine.encrypt(b, text('one'), AAD)
  const second = await engine.encrypt(first.next, text('two'), AAD)
  const opened = await engine.decrypt(a, first.message)
  engine.forget(opened.next)
  engine.forget(pending.next)
  expect(new TextDecoder().decode((await engine.decrypt(pending.next, second.message)).plaintext)).toBe('two')
  const rebased = engine.rebase(pending.next, opened.next)
  await expect(engine.decrypt(rebased, first.message)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
  expect(new TextDecoder().decode((await engine.decrypt(rebased, second.message)).plaintext)).toBe('two')
})
