import { createGroup } from 'ts-mls/clientState.js'
import { createCommit } from 'ts-mls/createCommit.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js'
import { expect, test } from 'vitest'
import type { Group } from '../../src/protocol/mls/engine.ts'
import { openPair } from '../../src/protocol/mls/key-package.ts'
import { stolen } from './forge.ts'
import { AAD, bytes, engine, groupOf, newDevice, packageOf } from './support.ts'

/** A Welcome with a real tree that holds parent nodes with unmerged leaves. */
const invited = async () => {
  const { groups } = await groupOf(5)
  const updated = await engine.commit(groups[0] as Group, { kind: 'update' }, AAD)
  const pair = await packageOf(newDevice())
  const added = await engine.commit(updated.next, { kind: 'add', keyPackages: [pair.publicPackage] }, AAD)
  return { pair, welcome: added.welcome as Uint8Array, tree: stolen(added.next).state.ratchetTree }
}

test('a joiner refuses trees that would cost it dearly, or that are not those of the group', async () => {
  const { pair, welcome, tree } = await invited()
  await expect(engine.join(welcome, encodeRatchetTree(tree), pair)).resolves.toMatchObject({ active: true })
  const withUnmerged = (unmergedLeaves: number[]): RatchetTree =>
    tree.map((node) => (node?.nodeType === 'parent' ? { ...node, parent: { ...node.parent, unmergedLeaves } } : node))
  const last = encodeRatchetTree([tree[0]]).subarray(2)
  const length = 100_000 + last.length
  const blanks = new Uint8Array([
    0x80,
    length >> 16,
    (length >> 8) & 255,
    length & 255,
    ...Array(100_000).fill(0),
    ...last,
  ])
  await expect(engine.join(welcome, blanks, pair)).rejects.toThrow('too many nodes')
  const changed: [string, RatchetTree, string][] = [
    ['leaves outside the tree', withUnmerged([4_000_000_000]), 'protocol/malformed'],
    ['leaves twice', withUnmerged([5, 5]), 'protocol/malformed'],
    ['leaves that are no descendants', withUnmerged([7]), 'conversation/void'],
    ['no unmerged leaves', withUnmerged([]), 'conversation/void'],
    ['a leaf in the place of a parent', tree.map((node, i) => (i === 1 ? tree[0] : node)), 'conversation/void'],
    ['one leaf twice', tree.map((node, i) => (i === 2 ? tree[0] : node)), 'conversation/void'],
    ['a missing leaf', tree.map((node, i) => (i === 2 ? undefined : node)), 'conversation/void'],
  ]
  for (const [name, evil, code] of changed)
    await expect(engine.join(welcome, encodeRatchetTree(evil), pair), name).rejects.toMatchObject({ code })
})

test('a joiner refuses groups with extensions, endless epochs or unusual ids', async () => {
  const founder = openPair(await packageOf(newDevice()))
  const { state, cs } = stolen((await groupOf(1)).groups[0] as Group)
  const joiner = await packageOf(newDevice())
  const add = { proposalType: 'add', add: { keyPackage: openPair(joiner).keyPackage } } as const
  const join = async (id: Uint8Array, extensions: Parameters<typeof createGroup>[3], epoch: bigint) => {
    const own = await createGroup(id, founder.keyPackage, founder.privateKeys, extensions, cs, state.clientConfig)
    const late = { ...own, groupContext: { ...own.groupContext, epoch } }
    const made = await createCommit(
      { state: late, cipherSuite: cs, pskIndex: emptyPskIndex },
      { wireAsPublicMessage: true, extraProposals: [add] },
    )
    if (made.welcome === undefined) throw new Error('no welcome')
    const welcome = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome })
    return engine.join(welcome, encodeRatchetTree(made.newState.ratchetTree), joiner)
  }
  await expect(join(bytes(32), [], 0n)).resolves.toMatchObject({ epoch: 1 })
  const refused = { code: 'conversation/void' }
  await expect(join(bytes(8), [], 0n)).rejects.toMatchObject(refused)
  await expect(join(bytes(32), [], 2n ** 60n)).rejects.toMatchObject(refused)
  const capabilities = { extensionType: 'required_capabilities', extensionData: new Uint8Array(3) } as const
  await expect(join(bytes(32), [capabilities], 0n)).rejects.toMatchObject(refused)
})

test('a rejoiner refuses a GroupInfo that carries more than the external key', async () => {
  const { groups, devices } = await groupOf(3)
  const shared = await engine.publicState(groups[0] as Group)
  const own = await packageOf(devices[1] as (typeof devices)[0])
  const tree = stolen(groups[0] as Group).state.ratchetTree
  const withoutOne = tree.map((node, i) => (i === 4 ? undefined : node))
  await expect(engine.externalCommit(shared, own, AAD)).resolves.toMatchObject({ next: { active: true } })
  await expect(
    engine.externalCommit({ ...shared, tree: encodeRatchetTree(withoutOne) }, own, AAD),
  ).rejects.toMatchObject({ code: 'conversation/void' })
})
