import { encode } from 'ts-mls/codec/tlsEncoder.js'
import { decryptWithLabel } from 'ts-mls/crypto/hpke.js'
import { groupContextEncoder } from 'ts-mls/groupContext.js'
import { initializeEpoch } from 'ts-mls/keySchedule.js'
import { decodeMlsMessage } from 'ts-mls/message.js'
import { expect } from 'vitest'
import type { Change, Group, PendingCommit, Suite } from '../../src/protocol/mls/engine.ts'
import { innerOf as sourceInnerOf } from '../../src/protocol/mls/group.ts'
import { toHex } from '../../src/util/bytes.ts'
import { AAD, type Device, kitOf, newDevice, engine as sourceEngine, text } from './support.ts'

/** mulberry32: a seed names a history. */
export const seeded = (seed: number) => {
  let a = seed >>> 0
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    below: (limit: number) => Math.floor(next() * limit),
    chance: (probability: number) => next() < probability,
    shuffled: <T>(items: readonly T[]): T[] =>
      items
        .map((item) => [next(), item] as const)
        .sort(([x], [y]) => x - y)
        .map(([, item]) => item),
  }
}

interface Seat {
  readonly device: Device
  group: Group
}

/** Every way in which somebody who was removed could try to reach the next epoch with what it still holds. */
export const canReach = async (
  removed: Group,
  commit: Uint8Array,
  next: Group,
  innerOf = sourceInnerOf,
): Promise<boolean> => {
  const { state, cs } = innerOf(removed)
  const message = decodeMlsMessage(commit, 0)?.[0]
  if (message?.wireformat !== 'mls_public_message' || message.publicMessage.content.contentType !== 'commit')
    throw new Error('not a commit')
  const { path } = message.publicMessage.content.commit
  if (path === undefined) return true
  const after = innerOf(next).state
  const zeros = new Uint8Array(cs.kdf.size)
  const blind = await initializeEpoch(state.keySchedule.initSecret, zeros, after.groupContext, zeros, cs.kdf)
  if (toHex(blind.keySchedule.epochAuthenticator) === toHex(next.authenticator)) return true
  const { treeHash, epoch } = after.groupContext
  const context = encode(groupContextEncoder)({ ...state.groupContext, treeHash, epoch })
  for (const raw of Object.values(state.privatePath.privateKeys))
    for (const node of path.nodes)
      for (const { kemOutput, ciphertext } of node.encryptedPathSecret) {
        const key = await cs.hpke.importPrivateKey(raw)
        const opened = await decryptWithLabel(key, 'UpdatePathNode', context, kemOutput, ciphertext, cs.hpke).then(
          () => true,
          () => false,
        )
        if (opened) return true
      }
  return false
}

export interface Tally {
  commits: number
  joined: number
  removed: number
  external: number
  restored: number
  late: number
}

/** One random history on our engine; every property is checked after every step. */
export const playHistory = async (
  seed: number,
  { suite, steps, limit }: { suite: Suite; steps: number; limit: number },
  tally: Tally,
  { engine, innerOf } = { engine: sourceEngine, innerOf: sourceInnerOf },
): Promise<void> => {
  const { openGroup, packageOf, follow } = kitOf(engine)
  const random = seeded(seed)
  const founder = newDevice()
  const seats: Seat[] = [{ device: founder, group: await openGroup(founder, suite) }]
  const pick = () => seats[random.below(seats.length)] as Seat

  const sameEpoch = () => {
    const [first] = seats as [Seat]
    for (const { group } of seats) {
      expect(toHex(group.authenticator)).toBe(toHex(first.group.authenticator))
      expect(group.members.map(({ leaf, device }) => [leaf, device])).toEqual(
        first.group.members.map(({ leaf, device }) => [leaf, device]),
      )
    }
    expect(first.group.members.length).toBe(seats.length)
  }
  const send = async (seat: Seat, content: string) => {
    const { message, next } = await engine.encrypt(seat.group, text(content), AAD)
    engine.forget(next)
    seat.group = next
    return message
  }
  const receive = async (seat: Seat, message: Uint8Array, from: Device, content: string) => {
    const opened = await engine.decrypt(seat.group, message)
    expect(new TextDecoder().decode(opened.plaintext)).toBe(content)
    expect(toHex(opened.sender.deviceKey)).toBe(toHex(from.identity.deviceKey))
    expect(opened.sender.address).toBe(from.identity.address)
    seat.group = opened.next
    engine.forget(opened.next)
  }

  /** A commit by `committer`, with one message from before it that everybody opens after it. */
  const deliver = async (committer: Seat, pending: PendingCommit, leaving: readonly Seat[]) => {
    tally.commits++
    const author = pick()
    const early = await send(author, `early ${seed}`)
    const late = await send(author, `late ${seed}`)
    for (const seat of seats) if (seat !== author) await receive(seat, early, author.device, `early ${seed}`)
    for (const seat of seats) {
      if (seat === committer) continue
      const group = await follow(seat.group, pending.commit)
      if (leaving.includes(seat)) expect(group.active).toBe(false)
      else expect(group.epoch).toBe(pending.next.epoch)
      seat.group = group
      engine.forget(group)
    }
    committer.group = engine.rebase(pending.next, committer.group)
    engine.forget(pending.next)
    for (const seat of seats) {
      if (seat === author) continue
      await receive(seat, late, author.device, `late ${seed}`)
      tally.late++
    }
    for (const seat of leaving) seats.splice(seats.indexOf(seat), 1)
    for (const seat of leaving) {
      tally.removed++
      expect(await canReach(seat.group, pending.commit, committer.group, innerOf)).toBe(false)
      const { message, next } = await engine.encrypt(committer.group, text('without you'), AAD)
      committer.group = next
      await expect(engine.decrypt(seat.group, message)).rejects.toMatchObject({ code: 'crypto/cannot-decrypt' })
      await expect(engine.encrypt(seat.group, text('no'), AAD)).rejects.toMatchObject({
        code: 'conversation/not-member',
      })
      for (const other of seats) if (other !== committer) await receive(other, message, committer.device, 'without you')
    }
  }

  const actions: Record<string, () => Promise<void>> = {
    add: async () => {
      const count = Math.min(1 + random.below(3), limit - seats.length)
      if (count < 1) return
      const newcomers = Array.from({ length: count }, () => newDevice())
      const pairs = await Promise.all(newcomers.map((device) => packageOf(device, suite)))
      const committer = pick()
      const change: Change = { kind: 'add', keyPackages: pairs.map(({ publicPackage }) => publicPackage) }
      const pending = await engine.commit(committer.group, change, AAD)
      await deliver(committer, pending, [])
      const { tree } = await engine.publicState(committer.group)
      for (const [index, pair] of pairs.entries()) {
        const group = await engine.join(pending.welcome as Uint8Array, tree, pair)
        seats.push({ device: newcomers[index] as Device, group })
        tally.joined++
      }
    },
    remove: async () => {
      if (seats.length < 2) return
      const [committer, ...others] = random.shuffled(seats) as [Seat, ...Seat[]]
      const leaving = others.slice(0, Math.min(1 + random.below(2), others.length))
      const leaves = leaving.map(({ group }) => group.ownLeaf)
      await deliver(committer, await engine.commit(committer.group, { kind: 'remove', leaves }, AAD), leaving)
    },
    update: async () => {
      const committer = pick()
      await deliver(committer, await engine.commit(committer.group, { kind: 'update' }, AAD), [])
    },
    external: async () => {
      const seat = pick()
      const shared = await engine.publicState(pick().group)
      const pending = await engine.externalCommit(shared, await packageOf(seat.device, suite), AAD)
      tally.commits++
      tally.external++
      // The state that the rejoiner left behind learns that it is out, and cannot follow.
      const left = await follow(seat.group, pending.commit)
      expect(left.active).toBe(false)
      expect(await canReach(left, pending.commit, pending.next, innerOf)).toBe(false)
      for (const other of seats) if (other !== seat) other.group = await follow(other.group, pending.commit)
      seat.group = pending.next
      engine.forget(pending.next)
    },
    restore: async () => {
      for (const seat of seats)
        if (random.chance(0.6)) seat.group = await engine.decode(engine.encode(seat.group), suite)
      tally.restored++
    },
  }
  const weighted = ['add', 'add', 'add', 'remove', 'remove', 'update', 'update', 'external', 'restore']

  for (let step = 0; step < steps; step++) {
    const name = seats.length < 3 ? 'add' : (weighted[random.below(weighted.length)] as string)
    try {
      await (actions[name] as () => Promise<void>)()
      sameEpoch()
      const author = pick()
      const content = `step ${step}`
      const message = await send(author, content)
      for (const seat of seats) if (seat !== author) await receive(seat, message, author.device, content)
    } catch (error) {
      throw new Error(`history ${seed} fails at step ${step} (${name}, ${seats.length} members)`, { cause: error })
    }
  }
}
