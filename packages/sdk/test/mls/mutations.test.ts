import { expect, test } from 'vitest'
import { isDchatError } from '../../src/errors.ts'
import type { Group } from '../../src/protocol/mls/engine.ts'
import { seeded } from './history.ts'
import {
  AAD,
  addTo,
  anyone,
  bytes,
  type Device,
  engine,
  groupOf,
  newDevice,
  packageOf,
  SUITE,
  text,
} from './support.ts'

type Random = ReturnType<typeof seeded>

/** One random damage: flipped, lost, doubled, inserted or overwritten bytes, or a cut. */
const damage = (original: Uint8Array, random: Random): Uint8Array => {
  const list = [...original]
  const at = random.below(list.length)
  const count = 1 + random.below(4)
  const kinds = [
    () => {
      for (let i = 0; i < count; i++) {
        const j = random.below(list.length)
        list[j] = (list[j] as number) ^ (1 << random.below(8))
      }
    },
    () => {
      list.splice(at, count)
    },
    () => {
      list.splice(at, 0, ...list.slice(at, at + count))
    },
    () => {
      list.splice(at, 0, ...Array.from({ length: count }, () => random.below(256)))
    },
    () => {
      list[at] = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff][random.below(9)] as number
    },
    () => {
      list.length = at
    },
    () => {
      list.push(...Array.from({ length: count }, () => random.below(256)))
    },
  ]
  ;(kinds[random.below(kinds.length)] as () => void)()
  return new Uint8Array(list)
}

interface Target {
  readonly name: string
  readonly bytes: Uint8Array
  /** Resolves for a void verdict; rejects with a typed error; anything else is a defect. */
  readonly use: (damaged: Uint8Array) => Promise<unknown>
}

const targets = async (): Promise<Target[]> => {
  const { devices, groups } = await groupOf(5)
  const [alice, bob, carol] = groups as [Group, Group, Group]
  const judged = async (commit: Uint8Array) => {
    const verdict = await engine.judge(alice, commit, anyone)
    if (verdict.verdict === 'valid') await engine.apply(alice, commit, verdict)
  }
  const update = await engine.commit(bob, { kind: 'update' }, AAD)
  const remove = await engine.commit(bob, { kind: 'remove', leaves: [carol.ownLeaf] }, AAD)
  const { pending: add } = await addTo(bob, [newDevice()])
  const shared = await engine.publicState(alice)
  const pair = await packageOf(devices[2] as Device)
  const external = await engine.externalCommit(shared, pair, AAD)
  const joiner = await packageOf(newDevice())
  const invited = await engine.commit(bob, { kind: 'add', keyPackages: [joiner.publicPackage] }, AAD)
  const welcome = invited.welcome as Uint8Array
  const { tree } = await engine.publicState(invited.next)
  const { message } = await engine.encrypt(bob, text('hello'), AAD)
  const encoded = engine.encode(alice)
  return [
    { name: 'update commit', bytes: update.commit, use: judged },
    { name: 'remove commit', bytes: remove.commit, use: judged },
    { name: 'add commit', bytes: add.commit, use: judged },
    { name: 'external commit', bytes: external.commit, use: judged },
    { name: 'Welcome', bytes: welcome, use: (damaged) => engine.join(damaged, tree, joiner) },
    { name: 'tree of a Welcome', bytes: tree, use: (damaged) => engine.join(welcome, damaged, joiner) },
    {
      name: 'private key package',
      bytes: joiner.privatePackage,
      use: (damaged) => engine.join(welcome, tree, { ...joiner, privatePackage: damaged }),
    },
    { name: 'application message', bytes: message, use: (damaged) => engine.decrypt(alice, damaged) },
    { name: 'key package', bytes: pair.publicPackage, use: (damaged) => engine.readKeyPackage(damaged) },
    {
      name: 'added key package',
      bytes: joiner.publicPackage,
      use: (damaged) => engine.commit(alice, { kind: 'add', keyPackages: [damaged] }, AAD),
    },
    {
      name: 'GroupInfo',
      bytes: shared.groupInfo,
      use: (damaged) => engine.externalCommit({ ...shared, groupInfo: damaged }, pair, AAD),
    },
    {
      name: 'tree of a GroupInfo',
      bytes: shared.tree,
      use: (damaged) => engine.externalCommit({ ...shared, tree: damaged }, pair, AAD),
    },
    {
      name: 'stored state',
      bytes: encoded.state,
      use: (damaged) => engine.decode({ ...encoded, state: damaged }, SUITE),
    },
    { name: 'stored tree', bytes: encoded.tree, use: (damaged) => engine.decode({ ...encoded, tree: damaged }, SUITE) },
  ]
}

const outcome = async ({ name, use }: Target, damaged: Uint8Array): Promise<string> => {
  try {
    await use(damaged)
    return 'accepted or void'
  } catch (error) {
    if (isDchatError(error)) return error.code
    throw new Error(
      `a damaged ${name} made something else than a typed error: ${Buffer.from(damaged).toString('hex')}`,
      { cause: error },
    )
  }
}

/** What may be accepted although it was damaged: only this device's own store, which is sealed when at rest. */
const OWN = new Set(['stored state', 'stored tree', 'private key package'])

test('10,000 damaged messages, packages, trees and states: a typed error or a void verdict, every time', async () => {
  const random = seeded(20_261_121)
  const all = await targets()
  const seen = new Map<string, number>()
  for (const target of all) await target.use(target.bytes)
  for (let i = 0; i < 10_000; i++) {
    const target = all[i % all.length] as Target
    const damaged = damage(target.bytes, random)
    if (Buffer.from(damaged).equals(target.bytes)) continue
    const result = await outcome(target, damaged)
    seen.set(result, (seen.get(result) ?? 0) + 1)
    if (result === 'accepted or void' && !OWN.has(target.name) && !target.name.endsWith('commit'))
      throw new Error(`a damaged ${target.name} was accepted: ${Buffer.from(damaged).toString('hex')}`)
  }
  for (const code of ['protocol/malformed', 'crypto/cannot-decrypt', 'accepted or void'])
    expect(seen.get(code)).toBeGreaterThan(100)
})

test('random bytes of every length up to 300', async () => {
  for (const target of await targets())
    for (let length = 0; length <= 300; length += 7)
      expect(await outcome(target, bytes(length))).toMatch(/^(protocol\/|accepted or void)/)
})

test('a megabyte of nested or repeated lengths ends quickly and with a typed error', async () => {
  for (const target of await targets())
    for (const fill of [0x00, 0x01, 0x3f, 0x80, 0xbf, 0xff]) {
      const large = new Uint8Array(1_000_000).fill(fill)
      large.set(target.bytes.subarray(0, 4))
      expect(await outcome(target, large)).toMatch(/^(protocol\/|accepted or void)/)
    }
})
