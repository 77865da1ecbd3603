import { afterEach, beforeEach } from 'vitest'
import { host } from '#host'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { assembleClient } from '../../src/client/assemble-client.ts'
import type { Store } from '../../src/domain/store/store.ts'
import {
  type Client,
  type Conversation,
  type ConversationId,
  createIdentity,
  parseRelayUrl,
  restoreIdentity,
  sealedStore,
} from '../../src/index.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { RelayLink, Transport } from '../../src/ports/transport.ts'
import type { NewIdentity, RestoredIdentity } from '../../src/protocol/identity/identity.ts'
import { type HostileMember, hostileMember } from '../../src/testing/hostile/member.ts'
import type { TestRelay } from './host/host.ts'
import { testRelay } from './support.ts'

/** A clock that runs `factor` times as fast as the real one, so that turns of seconds do not hold up a test. */
export const fastClock = (factor: number): Clock => {
  const real = systemClock()
  const start = real.now()
  return {
    now: () => start + Math.round((real.now() - start) * factor),
    sleep: (ms, options) => real.sleep(Math.ceil(ms / factor), options),
  }
}

export interface Member {
  client: Client
  readonly store: Store
  readonly phrase: string
  /** What this device has stored of its newest group, and all that a hostile member needs. */
  state(): Promise<HostileMember>
  /** A client over the same store; the one before must be closed. */
  reopen(): Promise<Client>
}

const crypto = host.crypto()

export interface World {
  readonly url: string
  readonly clock?: Clock
  /** Puts something between a client and its links. */
  readonly transport?: (transport: Transport) => Transport
}

/** A person with one device at a relay, not connected. */
export const member = (world: World): Promise<Member> => opened(world, createIdentity({ random: crypto.random }))

/** Another device of a person, which has nothing but the phrase. */
export const device = (of: Member, world: World): Promise<Member> => opened(world, restoreIdentity(of.phrase))

const opened = async (
  { url, clock = systemClock(), transport = (given) => given }: World,
  identity: NewIdentity | RestoredIdentity,
): Promise<Member> => {
  const relay = parseRelayUrl(url)
  const store = sealedStore(await host.storage(), crypto.random(32), crypto.random)
  const open = () =>
    assembleClient({
      identity,
      relays: [relay],
      strangers: 'allow',
      store,
      crypto,
      clock,
      transport: transport(host.transport(crypto)),
    })
  const made: Member = {
    client: await open(),
    store,
    phrase: 'recoveryPhrase' in identity ? identity.recoveryPhrase : '',
    state: () => hostileMember(store, crypto),
    reopen: async () => {
      made.client = await open()
      return made.client
    },
  }
  return made
}

/** A link of one's own to a relay. */
const linkTo = (url: string): RelayLink => host.transport(crypto).link(parseRelayUrl(url))

/** What each test finds: a relay, a link of the test's own to it, and the members that it opens; closed after it. */
export interface Stage {
  readonly relay: { readonly url: string }
  readonly link: RelayLink
  /** One member, closed with the test. */
  take(made: Promise<Member>): Promise<Member>
  /** So many connected people. */
  people(count: number, options?: Omit<World, 'url'>): Promise<Member[]>
}

/** Sets a stage before each test of a file and clears it afterwards. */
export const stage = (): Stage => {
  const members: Member[] = []
  let relay: TestRelay
  let link: RelayLink
  beforeEach(async () => {
    relay = await testRelay()
    link = linkTo(relay.url)
  })
  afterEach(async () => {
    await Promise.all(members.splice(0).map(({ client }) => client.close()))
    await link.close()
    await relay.close()
  })
  const take = async (made: Promise<Member>): Promise<Member> => {
    const member = await made
    members.push(member)
    return member
  }
  return {
    get relay() {
      return relay
    },
    get link() {
      return link
    },
    take,
    people: async (count, options = {}) => {
      const made = await Promise.all(Array.from({ length: count }, () => take(member({ url: relay.url, ...options }))))
      await Promise.all(made.map(({ client }) => client.connect()))
      return made
    },
  }
}

/** Resolves with the conversation once it is as wanted. */
export const seen = async (
  client: Client,
  wanted: (conversation: Conversation) => boolean,
  timeout = 60_000,
): Promise<Conversation> => {
  for await (const conversation of client.conversations.stream({ signal: AbortSignal.timeout(timeout) }))
    if (wanted(conversation)) return conversation
  throw new Error('the stream ended')
}

/** What a clock that runs fast gives a machine that is busy, in ms. */
const PATIENT = { timeout: 3_600_000 }

/** The first member's group with all the others in it, everybody caught up. */
export const groupOf = async ([first, ...others]: readonly Member[]): Promise<ConversationId> => {
  const owner = first as Member
  const chat = await owner.client.groups.create({
    name: 'Group',
    people: others.map(({ client }) => client.address),
    ...PATIENT,
  })
  for (const { client } of others) {
    await seen(client, ({ state }) => state === 'invited')
    await client.groups.accept(chat.id, PATIENT)
  }
  await owner.client.messages.send(chat.id, 'welcome', { wait: 'sent', ...PATIENT })
  for (const { client } of others) await said(client, chat.id, ['welcome'])
  return chat.id
}

export const textsOf = async (client: Client, id: ConversationId): Promise<readonly string[]> => {
  const { items } = await client.messages.list(id, { limit: 1_000 })
  return items.flatMap(({ content }) => (content.type === 'text' ? [content.text] : [])).reverse()
}

/** Resolves with all texts once these are among them. */
export const said = async (
  client: Client,
  id: ConversationId,
  wanted: readonly string[],
  timeout?: number,
): Promise<readonly string[]> => {
  let texts: readonly string[] = []
  await eventually(async () => {
    texts = await textsOf(client, id)
    return wanted.every((text) => texts.includes(text))
  }, timeout)
  return texts
}

/** Resolves once the condition holds; looks again every few milliseconds. */
export const eventually = async (condition: () => Promise<boolean>, timeout = 60_000): Promise<void> => {
  const late = new Error(`not within ${timeout} ms`)
  const signal = AbortSignal.timeout(timeout)
  while (!(await condition())) {
    if (signal.aborted) throw late
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
