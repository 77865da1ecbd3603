import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endsStay, goneBy, withGone } from '../../src/domain/rooms/gone.ts'
import { nodeCrypto } from '../../src/node.ts'
import type { RemovalOrder } from '../../src/protocol/messages/control-change.ts'
import { leaveStatement } from '../../src/protocol/messages/leave-statement.ts'
import { removalStatement } from '../../src/protocol/messages/removal-statement.ts'
import { ROLES, type Role } from '../../src/records/group.ts'
import { seedOf } from '../identity/histories.ts'
import { mutated } from '../mutate.ts'
import { type Actor, actor, dm, group, person, self, withoutDevice } from './control-support.ts'

const crypto = nodeCrypto()
const NAMES = ['ann', 'ben', 'cat']
const actors = NAMES.map(actor) as [Actor, Actor, Actor]
const [ann, ben, cat] = actors
const SINCE = 4

const groupOf = (roles: readonly [Role, Role, Role]) =>
  group(actors.map((who, index) => person(who, roles[index] as Role, who === ben ? SINCE : 1)))
const usual = groupOf(['owner', 'member', 'admin'])

/** By their first device. */
const sign = async (by: Actor, statement: Uint8Array): Promise<RemovalOrder> => ({
  address: by.address,
  deviceKey: by.one,
  signature: await crypto.ed25519.sign(seedOf(`device/${NAMES[actors.indexOf(by)]}/one`), statement),
})
const removal = (by: Actor, who = ben, since = SINCE, room = usual.room) =>
  sign(by, removalStatement(room, who.address, since))
const stay = (word: RemovalOrder) => ({ address: ben.address, since: SINCE, word })

describe('that somebody has gone', () => {
  test('is believed of whoever may take them out, and of themselves', async () => {
    expect(await endsStay(crypto, usual, stay(await removal(ann)), ann.log)).toBe(true)
    expect(await endsStay(crypto, usual, stay(await removal(cat)), cat.log)).toBe(true)
    const goodbye = await sign(ben, leaveStatement(usual.room, ben.address, SINCE))
    expect(await endsStay(crypto, usual, stay(goodbye), ben.log)).toBe(true)
  })

  test('is not believed of a device that is revoked, or of somebody else’s log', async () => {
    const word = await removal(ann)
    expect(await endsStay(crypto, usual, stay(word), withoutDevice(ann, 'ann/one').log)).toBe(false)
    expect(await endsStay(crypto, usual, stay(word), cat.log)).toBe(false)
    expect(await endsStay(crypto, usual, stay({ ...word, deviceKey: ann.two }), ann.log)).toBe(false)
  })

  test('is not believed where people come and go in no such way', async () => {
    for (const snapshot of [dm(ann, ben), self(ben)]) {
      const { since = 0 } = snapshot.people.find(({ address }) => address === ben.address) ?? {}
      const words = [
        await removal(ann, ben, since, snapshot.room),
        await sign(ben, leaveStatement(snapshot.room, ben.address, since)),
      ]
      for (const [index, word] of words.entries()) {
        const gone = { address: ben.address, since, word }
        expect(await endsStay(crypto, snapshot, gone, (index === 0 ? ann : ben).log)).toBe(false)
      }
    }
  })

  /** Who takes out whom (groups.md, "Who may"). */
  const MAY: Readonly<Record<Role, readonly Role[]>> = {
    owner: ['owner', 'admin', 'member'],
    admin: ['member'],
    member: [],
  }
  const role = fc.constantFrom(...ROLES)
  const anybody = fc.constantFrom(...actors)
  /** Mostly what makes the word good, so that each lie stands alone often enough. */
  const mostly = <T>(good: T, ...bad: readonly T[]) =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) })
  const epoch = mostly(SINCE, SINCE - 1, SINCE + 1)
  const said = fc.record({
    roles: fc.tuple(role, role, role),
    signer: anybody,
    claims: mostly<Actor | undefined>(undefined, ...actors),
    whom: mostly(ben, ann, cat),
    signedFor: epoch,
    toldFor: epoch,
    room: mostly(1, 2),
    isGoodbye: fc.boolean(),
  })

  test('is believed of nobody else, and for no other stay', async () => {
    const claim = fc.asyncProperty(said, async (it) => {
      const { roles, signer, claims: claimed = signer, whom, signedFor, toldFor, isGoodbye } = it
      const snapshot = groupOf(roles)
      const room = new Uint8Array(32).fill(it.room)
      const statement = (isGoodbye ? leaveStatement : removalStatement)(room, whom.address, signedFor)
      const word = { ...(await sign(signer, statement)), address: claimed.address }
      const gone = { address: ben.address, since: toldFor, word }
      const isTheirs = signer === claimed && whom === ben && it.room === 1
      const isForIt = signedFor === SINCE && toldFor === SINCE
      const [roleOfBen, roleOfSigner] = [roles[1], roles[actors.indexOf(signer)] as Role]
      const may = signer === ben ? isGoodbye : !isGoodbye && MAY[roleOfSigner].includes(roleOfBen)
      expect(await endsStay(crypto, snapshot, gone, claimed.log)).toBe(isTheirs && isForIt && may)
    })
    await fc.assert(claim, { numRuns: 400 })
  })

  test('is not believed by a signature that was changed', async () => {
    const word = await removal(ann)
    const claim = fc.asyncProperty(mutated, async (mutate) => {
      const signature = mutate(word.signature)
      fc.pre(signature.length === 64 && !signature.every((byte, index) => byte === word.signature[index]))
      expect(await endsStay(crypto, usual, stay({ ...word, signature }), ann.log)).toBe(false)
    })
    await fc.assert(claim, { numRuns: 200 })
  })
})

describe('who has gone', () => {
  const after = group([person(ann, 'owner', 1)])

  test('is known with the word of it, where there is one', async () => {
    const order = await removal(ann)
    const changes = [
      { kind: 'remove', address: ben.address, order },
      { kind: 'remove', address: cat.address },
    ] as const
    const gone = goneBy(usual, after, changes)
    expect(gone).toHaveLength(2)
    expect(gone).toContainEqual({ address: ben.address, since: SINCE, word: order })
    expect(gone).toContainEqual({ address: cat.address, since: 1 })
  })

  test('by their own word is known with that one', async () => {
    const { address: _, ...goodbye } = await sign(ben, leaveStatement(usual.room, ben.address, SINCE))
    const left = group(usual.people.filter(({ address }) => address !== ben.address))
    expect(goneBy(usual, left, [{ kind: 'left', address: ben.address, ...goodbye }])).toEqual([
      { address: ben.address, since: SINCE, word: { address: ben.address, ...goodbye } },
    ])
    expect(goneBy(usual, usual, [{ kind: 'name', name: 'New' }])).toEqual([])
  })

  test('is kept for each of their stays, the last 256', () => {
    const stays = Array.from({ length: 300 }, (_, since) => ({ address: ben.address, since }))
    const kept = stays.reduce<ReturnType<typeof withGone>>((known, gone) => withGone(known, [gone]), [])
    expect(kept).toEqual(stays.slice(-256))
    expect(withGone(kept, [{ address: ben.address, since: 299 }])).toEqual(kept)
  })
})
