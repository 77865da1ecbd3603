import type { ConversationId, Message } from '../../src/index.ts'
import type { Sim, SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { world } from './world.ts'

export interface Company {
  readonly sim: Sim
  readonly relays: readonly SimRelay[]
  readonly people: readonly SimPerson[]
  readonly chat: ConversationId
}

/** People who are at home at all of the relays, in a group of the first one's that names them all. */
export const company = async (sim: Sim, names: readonly string[], hubs: readonly string[]): Promise<Company> => {
  const relays: SimRelay[] = []
  for (const name of hubs) relays.push(await sim.relay(name))
  const people: SimPerson[] = []
  for (const name of names) people.push(await sim.person(name, { relays }))
  const [first, ...others] = people as [SimPerson, ...SimPerson[]]
  const { id: chat } = await sim.finish(
    first.client.groups.create({ name: 'Group', people: others.map(({ identity }) => identity.address) }),
  )
  for (const { client } of others) {
    await sim.until(async () => (await client.conversations.get(chat))?.state === 'invited')
    await sim.finish(client.groups.accept(chat))
  }
  return { sim, relays, people, chat }
}

/** The same in a world of their own, in which all have read a first word. */
export const acquainted = async (
  what: string,
  names: readonly string[],
  hubs: readonly string[] = ['one', 'two'],
): Promise<Company> => {
  const group = await company(world(what), names, hubs)
  await say(group, group.people[0] as SimPerson, 'before')
  await agree(group, ['before'])
  return group
}

/** Two people at two relays in a direct message, in which both have said something. */
export const pair = async (what: string): Promise<Company> => {
  const sim = world(what)
  const relays = [await sim.relay('one'), await sim.relay('two')]
  const [ann, ben] = [await sim.person('ann', { relays }), await sim.person('ben', { relays })]
  const { id: chat } = await sim.finish(ann.client.conversations.dm(ben.identity.address))
  const group = { sim, relays, people: [ann, ben], chat }
  await say(group, ann, 'hello')
  await agree(group, ['hello'])
  await say(group, ben, 'hello yourself')
  await agree(group, ['hello', 'hello yourself'])
  return group
}

/** For this person the conversation has come to that relay. */
export const isAt = (
  { sim, chat }: Company,
  { client }: SimPerson,
  { url }: Pick<SimRelay, 'url'>,
  within?: number,
): Promise<void> => sim.until(async () => (await client.conversations.hubs(chat)).hub === url, within)

const textsIn = async ({ client }: SimPerson, chat: ConversationId): Promise<readonly Message[]> => {
  const { items } = await client.messages.list(chat, { limit: 1_000 })
  return items.filter(({ content }) => content.type === 'text').reverse()
}

/** The words of a conversation in their order, with their ids. */
const wordsOf = async (person: SimPerson, chat: ConversationId): Promise<readonly string[]> =>
  (await textsIn(person, chat)).map(({ id, content }) => `${content.type === 'text' ? content.text : ''} ${id}`)

export const say = ({ sim, chat }: Company, { client }: SimPerson, text: string): Promise<Message> =>
  sim.finish(client.messages.send(chat, text))

/** Everybody has these words, the same ones in the same order. */
export const agree = async (
  { sim, people, chat }: Company,
  texts: readonly string[],
  within?: number,
  who: readonly SimPerson[] = people,
): Promise<void> => {
  const sorted = [...texts].sort().join()
  // One after the other, as far as they agree: this looks ten times a second of simulated time.
  const isSame = async () => {
    const first = await wordsOf(who[0] as SimPerson, chat)
    const said = first.map((line) => line.slice(0, line.lastIndexOf(' ')))
    if (said.sort().join() !== sorted) return false
    for (const person of who.slice(1)) {
      const words = await wordsOf(person, chat)
      if (words.join('\n') !== first.join('\n')) return false
    }
    return true
  }
  await sim.until(isSame, within).catch(async (error: unknown) => {
    const found = await Promise.all(who.map((person) => wordsOf(person, chat)))
    throw new Error(`they do not agree on ${texts.join()}:\n${found.map((words) => words.join('\n')).join('\n\n')}`, {
      cause: error,
    })
  })
}

const SOME = ['ann', 'ben', 'cid', 'dan'] as const

/** People at three relays who all have read the same. */
export const together = (what: string, names: readonly string[] = SOME): Promise<Company> =>
  acquainted(what, names, ['one', 'two', 'three'])

/** What somebody reads, in order. */
export const texts = async ({ chat }: Company, { client }: SimPerson): Promise<readonly string[]> => {
  const { items } = await client.messages.list(chat, { limit: 1_000 })
  return items.flatMap(({ content }) => (content.type === 'text' ? [content.text] : [])).reverse()
}

/** Until somebody has been told that they are out. */
export const isOut = async ({ sim, chat }: Company, { client }: SimPerson) => {
  await sim.until(async () => (await client.conversations.get(chat))?.state === 'closed', 15 * 60_000)
}

/** Somebody is asked in, and accepts. */
export const askIn = async ({ sim, chat }: Company, by: SimPerson, { client, identity }: SimPerson): Promise<void> => {
  const isNow = (state: string) => sim.until(async () => (await client.conversations.get(chat))?.state === state)
  await sim.finish(by.client.groups.add(chat, [identity.address]))
  await isNow('invited')
  await sim.finish(client.groups.accept(chat))
  await isNow('open')
}
