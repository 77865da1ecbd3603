import { createCommit } from 'ts-mls/createCommit.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeIdentity } from '../../src/protocol/mls/credential.ts'
import type { Group, Permits } from '../../src/protocol/mls/engine.ts'
import { openPair } from '../../src/protocol/mls/key-package.ts'
import { forgeCommit, inline, pathOf, publicMessageOf, stolen } from './forge.ts'
import { AAD, anyone, bytes, type Device, engine, groupOf, newDevice, packageOf } from './support.ts'

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

const keyPackageOf = async (device: Device) => openPair(await packageOf(device)).keyPackage
const addProposal = async (device = newDevice()) =>
  ({ proposalType: 'add', add: { keyPackage: await keyPackageOf(device) } }) as const

describe('commits that are void for everybody', () => {
  const libraryCommit = async (
    proposals: Parameters<typeof forgeCommit>[1],
    change = (state: ReturnType<typeof stolen>['state']) => state,
  ) => {
    const { state, cs } = stolen(mallory)
    const { commit } = await createCommit(
      { state: change(state), cipherSuite: cs, pskIndex: { findPsk: () => new Uint8Array(32) } },
      {
        wireAsPublicMessage: true,
        extraProposals: proposals.flatMap((p) => (p.proposalOrRefType === 'proposal' ? [p.proposal] : [])),
      },
    )
    return encodeMlsMessage(commit)
  }

  test.each([
    ['custom', { proposalType: 0xf001, proposalData: new Uint8Array(4) }],
    [
      'GroupContextExtensions',
      { proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [] } },
    ],
    [
      'PSK',
      { proposalType: 'psk', psk: { preSharedKeyId: { psktype: 'external', pskId: bytes(4), pskNonce: bytes(32) } } },
    ],
    [
      'ReInit',
      {
        proposalType: 'reinit',
        reinit: {
          groupId: bytes(32),
          version: 'mls10',
          cipherSuite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
          extensions: [],
        },
      },
    ],
  ] as const)('%s proposals', async (_name, proposal) => {
    const path = pathOf((await engine.commit(mallory, { kind: 'update' }, AAD)).commit)
    expect(await reasonOf(await libraryCommit([inline(proposal as never)]))).toBe(
      'a proposal of a kind that is not allowed',
    )
    expect(await reasonOf(await forgeCommit(stolen(mallory), [inline(proposal as never)], path))).toBe(
      'a proposal of a kind that is not allowed',
    )
  })

  test('Add and Remove together', async () => {
    const mixed = [inline(await addProposal()), inline({ proposalType: 'remove', remove: { removed: bob.ownLeaf } })]
    expect(await reasonOf(await libraryCommit(mixed))).toBe('Adds and Removes in one commit')
  })

  test('an Add with a path, an empty commit or a Remove without one', async () => {
    const evil = stolen(mallory)
    const path = pathOf((await engine.commit(mallory, { kind: 'update' }, AAD)).commit)
    expect(await reasonOf(await forgeCommit(evil, [inline(await addProposal())], path))).toBe('an Add with a path')
    expect(await reasonOf(await forgeCommit(evil, [], undefined))).toBe('an empty commit without a path')
    const remove = inline({ proposalType: 'remove', remove: { removed: bob.ownLeaf } })
    expect(await reasonOf(await forgeCommit(evil, [remove], undefined))).toBe('a Remove without a path')
  })

  test('a path that changes the credential of a surviving leaf', async () => {
    const other = encodeIdentity({ ...(devices[2] as Device).identity, address: newDevice().identity.address })
    const changed = await libraryCommit([], (state) => ({
      ...state,
      ratchetTree: state.ratchetTree.map((node, index) =>
        index === mallory.ownLeaf * 2 && node?.nodeType === 'leaf'
          ? { ...node, leaf: { ...node.leaf, credential: { credentialType: 'basic' as const, identity: other } } }
          : node,
      ),
    }))
    expect(await reasonOf(changed)).toBe('a path that changes the identity of a leaf')
  })

  test('a path of the wrong length, with missing or resized secrets, or with a key that nobody can use', async () => {
    const evil = stolen(mallory)
    const path = pathOf((await engine.commit(mallory, { kind: 'update' }, AAD)).commit)
    const [first, ...rest] = path.nodes as [(typeof path.nodes)[0], ...typeof path.nodes]
    const at = (nodes: typeof path.nodes) => forgeCommit(evil, [], { ...path, nodes })
    expect(await reasonOf(await at(rest))).toBe('a path of the wrong length')
    expect(await reasonOf(await at([{ ...first, encryptedPathSecret: [] }, ...rest]))).toBe(
      'a path secret that is not encrypted for everybody',
    )
    const [secret] = first.encryptedPathSecret as [(typeof first.encryptedPathSecret)[0]]
    const short = { ...secret, ciphertext: secret.ciphertext.slice(1) }
    expect(await reasonOf(await at([{ ...first, encryptedPathSecret: [short] }, ...rest]))).toBe(
      'a path secret of the wrong size',
    )
    expect(await reasonOf(await at([{ ...first, hpkePublicKey: new Uint8Array(32) }, ...rest]))).toBe(
      'a path key that nobody can use',
    )
    expect(await reasonOf(await at([{ ...first, hpkePublicKey: bytes(32) }, ...rest]))).toBe('it breaks a rule of MLS')
  })

  test('a Remove of an empty leaf, of the committer, or twice of the same', async () => {
    const evil = stolen(mallory)
    const path = pathOf((await engine.commit(mallory, { kind: 'update' }, AAD)).commit)
    const remove = (removed: number) => inline({ proposalType: 'remove', remove: { removed } })
    expect(await reasonOf(await forgeCommit(evil, [remove(4_000_000_000)], path))).toBe('a Remove of an empty leaf')
    expect(await reasonOf(await forgeCommit(evil, [remove(mallory.ownLeaf)], path))).toBe(
      'a commit that removes its committer',
    )
    expect(await reasonOf(await forgeCommit(evil, [remove(bob.ownLeaf), remove(bob.ownLeaf)], path))).toBe(
      'a leaf that is removed twice',
    )
  })

  test('an external commit that removes somebody else', async () => {
    const { groupInfo, tree } = await engine.publicState(alice)
    const honest = await engine.externalCommit({ groupInfo, tree }, await packageOf(devices[2] as Device), AAD)
    expect(await reasonOf(honest.commit)).toBe('valid')
    const { content } = publicMessageOf(honest.commit)
    if (content.contentType !== 'commit') throw new Error('no commit')
    const aimed = (removed: number | undefined) =>
      content.commit.proposals.flatMap((p) =>
        p.proposalOrRefType === 'proposal' && p.proposal.proposalType === 'remove'
          ? removed === undefined
            ? []
            : [inline({ proposalType: 'remove', remove: { removed } })]
          : [p],
      )
    const forge = (proposals: Parameters<typeof forgeCommit>[1]) =>
      forgeCommit(stolen(mallory), proposals, content.commit.path, { sender: { senderType: 'new_member_commit' } })
    expect(await reasonOf(await forge(aimed(bob.ownLeaf)))).toBe('an external commit that replaces another device')
    expect(await reasonOf(await forge(aimed(undefined)))).toBe('an external commit that replaces no leaf')
    expect(await reasonOf(await forge([...aimed(mallory.ownLeaf), inline(await addProposal())]))).toBe(
      'an external commit with a proposal that is not allowed',
    )
  })

  test('a commit of another group, of another epoch, or signed by another key', async () => {
    const evil = stolen(mallory)
    const path = pathOf((await engine.commit(mallory, { kind: 'update' }, AAD)).commit)
    const { groupContext } = evil.state
    expect(
      await reasonOf(await forgeCommit(evil, [], path, { context: { ...groupContext, groupId: bytes(32) } })),
    ).toBe('a commit of another group')
    expect(await reasonOf(await forgeCommit(evil, [], path, { context: { ...groupContext, epoch: 9n } }))).toBe(
      'a commit of another epoch',
    )
    expect(await reasonOf(await forgeCommit(evil, [], path, { signKey: bytes(32) }))).toBe('it breaks a rule of MLS')
    const asBob = { sender: { senderType: 'member', leafIndex: bob.ownLeaf } } as const
    expect(await reasonOf(await forgeCommit(evil, [], path, asBob))).toBe('it breaks a rule of MLS')
  })

  test('an Add of a device that is there already', async () => {
    const again = await forgeCommit(stolen(mallory), [inline(await addProposal(devices[1]))], undefined)
    expect(await reasonOf(again)).toBe('a key that stands twice in the tree')
  })
})
