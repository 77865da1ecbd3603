import { describe, expect, onTestFinished, test } from 'vitest'
import { host } from '#host'
import {
  type HostileRelay,
  hostileRelay,
  type Lie,
  startTestRelay,
  type TestRelay,
} from '../../../../relay/src/testing.ts'
import type { SelfRecord } from '../../../src/client/records.ts'
import type { ErrorCode } from '../../../src/index.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { type Member, member } from '../life-support.ts'

interface Closing {
  close(): Promise<void>
}

/** A group of three at this hub, which names an honest one beside it. */
const company = async <R extends Closing & { readonly url: string }>(liar: R) => {
  const honest = await startTestRelay()
  const members: Member[] = []
  const closing: Closing[] = [honest, liar]
  // Whatever a rule waits for comes soon: the clocks of all run together.
  let isPaused = false
  const running = setInterval(() => {
    for (const { clock } of isPaused ? [] : members) clock.advance(500)
  }, 25)
  onTestFinished(async () => {
    clearInterval(running)
    for (const one of closing.reverse()) await one.close()
  })
  for (let n = 0; n < 3; n++) {
    const one = await member([liar, honest], { reports: false })
    closing.push(one.client)
    await one.client.connect()
    members.push(one)
  }
  const [ann, ben, cid] = members as [Member, Member, Member]
  const { id: chat } = await ann.client.groups.create({
    name: 'Group',
    people: [ben.client.address, cid.client.address],
  })
  for (const { client } of [ben, cid]) {
    await expect.poll(async () => (await client.conversations.get(chat))?.state, WAIT).toBe('invited')
    await client.groups.accept(chat)
    await client.messages.send(chat, `hello from ${client.address.slice(-4)}`, { wait: 'sent', timeout: 60_000 })
  }
  const pause = () => {
    isPaused = true
  }
  const resume = () => {
    isPaused = false
  }
  const group = { liar, honest, ann, ben, cid, chat, members, pause, resume }
  await agree(group, 2)
  return group
}

const WAIT = { timeout: 80_000, interval: 100 }
type Company<R extends Closing & { readonly url: string } = TestRelay> = Awaited<ReturnType<typeof company<R>>>

const linesOf = async ({ client }: Member, chat: Company['chat']): Promise<readonly string[]> =>
  (await client.messages.list(chat, { limit: 100 })).items
    .filter(({ content }) => content.type === 'text')
    .map(({ id, content }) => `${id} ${content.type === 'text' ? content.text : ''}`)
    .reverse()

/** All have so many messages: the same ones, under the same ids, in one order. */
const agree = async (
  { members, chat }: Pick<Company, 'members' | 'chat'>,
  count: number,
): Promise<readonly string[]> => {
  await expect
    .poll(async () => {
      const all = await Promise.all(members.map((one) => linesOf(one, chat)))
      return new Set(all.map((lines) => lines.join('\n'))).size === 1 ? all[0]?.length : all
    }, WAIT)
    .toBe(count)
  return linesOf(members[0] as Member, chat)
}

const deviceOf = async ({ store }: Member): Promise<string> =>
  toHex((await store.read((tx) => tx.get<SelfRecord>('meta', 'self')))?.deviceKey as Uint8Array)

const faultsOf = ({ client }: Member): string[] => {
  const codes: string[] = []
  void (async () => {
    for await (const event of client.events()) if (event.type === 'relay-fault') codes.push(event.code)
  })()
  return codes
}

const hubsOf = ({ members, chat }: Pick<Company, 'members' | 'chat'>) =>
  Promise.all(members.map(async ({ client }) => (await client.groups.info(chat)).hub))

/** Tells the lie to Ben alone while the others talk. */
const lieTo = async ({ liar, ann, ben, chat }: Company<HostileRelay>, lie: Lie): Promise<void> => {
  liar.lie(lie, [await deviceOf(ben)])
  for (const text of ['one', 'two', 'three'])
    await ann.client.messages.send(chat, text, { wait: 'sent', timeout: 60_000 })
}

interface Row {
  readonly lie: Lie
  readonly code: ErrorCode
  /** Everybody sees for themselves, without a word of the hub. */
  readonly proven?: true
}
const MOVES: readonly Row[] = [
  { lie: 'drop', code: 'relay/missing-entry' },
  { lie: 'reorder', code: 'relay/missing-entry' },
  { lie: 'rewrite', code: 'relay/changed-entry' },
  { lie: 'forge', code: 'relay/bad-receipt' },
  { lie: 'withhold', code: 'relay/withheld' },
  { lie: 'backdate', code: 'relay/time-backwards', proven: true },
  { lie: 'break', code: 'relay/equivocation', proven: true },
]

describe.each(MOVES)('the lie $lie', ({ lie, code, proven = false }) => {
  test('drives the conversation to the next relay, whole', async () => {
    const group = await company(await hostileRelay({ hidesLists: proven }))
    const codes = faultsOf(group.ben)
    await lieTo(group, lie)
    // He cannot read what they said, and says something himself.
    await group.ben.client.messages.send(group.chat, 'four')
    const lines = await agree(group, 6)
    expect(codes).toContain(code)
    expect(await hubsOf(group)).toEqual(Array(3).fill(group.honest.url))
    await group.cid.client.messages.send(group.chat, 'five')
    expect(await agree(group, 7)).toEqual(expect.arrayContaining([...lines]))
  }, 170_000)
})

test.each(MOVES.filter(({ proven }) => proven))(
  'the proof of $lie takes the others along from where they stand, and who was kept behind comes after them',
  async ({ lie }) => {
    const group = await company(await hostileRelay({ hidesLists: true }))
    const { ann, ben, chat } = group
    await lieTo(group, lie)
    // He does not hear of it, and undoes nothing.
    await ann.client.groups.rename(chat, 'Another name')
    await ben.client.messages.send(chat, 'four')
    await agree(group, 6)
    expect(await hubsOf(group)).toEqual(Array(3).fill(group.honest.url))
    for (const { client } of group.members) expect((await client.groups.info(chat)).name).toBe('Another name')
  },
  170_000,
)

test.each([
  { lie: 'replay', code: 'relay/repeated-entry' },
  { lie: 'fork', code: 'relay/equivocation' },
  { lie: 'repeat', code: 'relay/equivocation' },
] as const)(
  'the lie $lie is told, and nobody leaves: it took nothing away, or rests on the word of a member',
  async ({ lie, code }) => {
    const group = await company(await hostileRelay())
    const { ann, ben, chat, liar } = group
    const codes = faultsOf(ben)
    await lieTo(group, lie)
    await expect.poll(() => codes, WAIT).toContain(code)
    const from = ben.clock.now()
    await expect.poll(() => ben.clock.now() - from, WAIT).toBeGreaterThan(300_000)
    await ann.client.messages.send(chat, 'four', { wait: 'sent', timeout: 60_000 })
    expect(await hubsOf(group)).toEqual(Array(3).fill(liar.url))
  },
  170_000,
)

test('whoever answers at the address of the hub with another key is not the hub: the conversation leaves', async () => {
  const hub = await startTestRelay()
  const group = await company(hub)
  const codes = faultsOf(group.ben)
  group.pause()
  await hub.stop()
  const other = await startTestRelay({ port: Number(new URL(hub.url).port) })
  onTestFinished(() => other.close())
  group.resume()
  await group.ben.client.messages.send(group.chat, 'after')
  await agree(group, 3)
  expect(codes).toContain('identity/untrusted-key')
  expect(await hubsOf(group)).toEqual(Array(3).fill(group.honest.url))
}, 170_000)

test('a hub that lost entries which nobody can give back is left, and their authors say them again', async () => {
  const hub = await host.rewindableRelay()
  const group = await company({ ...hub, close: () => hub[Symbol.asyncDispose]() })
  const { ann, ben, chat, members } = group
  await hub.stop()
  await hub.keep()
  await hub.start()
  await ann.client.messages.send(chat, 'lost', { wait: 'sent', timeout: 60_000 })
  await ben.client.messages.send(chat, 'lost as well', { wait: 'sent', timeout: 60_000 })
  const before = await agree(group, 4)
  await hub.stop()
  await hub.rewind()
  for (const { store } of members)
    await store.write(async (tx) => {
      const { rows } = await tx.scan('tail', { limit: 1_000 })
      for (const { key } of rows) tx.delete('tail', key)
    })
  await hub.start()
  expect(await agree(group, 4)).toEqual(before)
  await expect.poll(() => hubsOf(group), WAIT).toEqual(Array(3).fill(group.honest.url))
  await ben.client.messages.send(chat, 'after')
  expect(await agree(group, 5)).toEqual(expect.arrayContaining([...before]))
}, 170_000)
