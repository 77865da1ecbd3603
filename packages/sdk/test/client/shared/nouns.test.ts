import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRelay, type Relay } from '../../../../relay/src/index.ts'
import {
  type Chat,
  type Client,
  createClient,
  createIdentity,
  importBackup,
  type Notification,
  type PresenceEvent,
} from '../../../src/index.ts'
import { Origin } from '../../../src/testing/tabs/origin.ts'
import { listenTo } from '../../integration/listen-support.ts'
import { Disk, realTab } from './real-support.ts'
import { seeded } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const
const PASSPHRASE = 'a long passphrase'

type Noun = { [N in keyof Client]: Client[N] extends (...args: never[]) => unknown ? never : N }[Exclude<
  keyof Client,
  'address' | 'device' | typeof Symbol.asyncDispose
>]

/** Everything that a client can be asked; a verb that is missing here does not compile. */
const VERBS: { readonly [N in Noun]: Readonly<Record<keyof Client[N], true>> } = {
  conversations: {
    dm: true,
    get: true,
    list: true,
    stream: true,
    setTimer: true,
    hubs: true,
    setHubs: true,
    moveTo: true,
    markRead: true,
    audit: true,
    setDraft: true,
    setPinned: true,
    setArchived: true,
    setNotify: true,
  },
  groups: {
    create: true,
    add: true,
    remove: true,
    leave: true,
    rename: true,
    setPicture: true,
    setRole: true,
    liftApproval: true,
    info: true,
    invitations: true,
    accept: true,
    decline: true,
  },
  messages: {
    react: true,
    unreact: true,
    edit: true,
    delete: true,
    forward: true,
    pin: true,
    unpin: true,
    pinned: true,
    pending: true,
    changes: true,
    get: true,
    list: true,
    send: true,
    retry: true,
    waitFor: true,
    stream: true,
    ack: true,
    cursor: true,
    states: true,
    press: true,
    answerPress: true,
    arrivals: true,
  },
  contacts: {
    add: true,
    find: true,
    list: true,
    remove: true,
    rename: true,
    person: true,
    requests: true,
    allow: true,
    deny: true,
    block: true,
    unblock: true,
    safetyNumber: true,
    verify: true,
    unverify: true,
  },
  profiles: { mine: true, set: true, get: true },
  settings: { get: true, set: true, stream: true },
  presence: { typing: true, stopped: true, of: true, stream: true },
  notifications: { stream: true, reading: true },
  listings: {
    create: true,
    edit: true,
    close: true,
    handOver: true,
    takeOver: true,
    of: true,
    get: true,
    list: true,
    stream: true,
    terms: true,
  },
  offers: {
    make: true,
    counter: true,
    accept: true,
    decline: true,
    withdraw: true,
    requestPayment: true,
    reportPayment: true,
    confirmPayment: true,
    fulfil: true,
    complete: true,
    cancel: true,
    dispute: true,
    resolve: true,
    act: true,
    get: true,
    find: true,
    list: true,
    stream: true,
    receipt: true,
  },
  backup: { export: true },
  search: { messages: true, people: true, ready: true },
  devices: { list: true, rename: true, revoke: true, link: true },
  history: { progress: true, stream: true, request: true, archive: true },
  bots: { publish: true, manifest: true, install: true, remove: true, list: true },
  inline: { query: true, answer: true },
  links: { list: true, states: true, ahead: true, health: true, healthStream: true, join: true },
  homeRelays: { add: true, remove: true, use: true },
}

let relay: Relay
let peer: Client
let tabs: Awaited<ReturnType<typeof realTab>>[]
/** The tab that has the store, and one that works through it. */
let owner: Client
let guest: Client
let open: () => Promise<Awaited<ReturnType<typeof realTab>>>

beforeEach(async () => {
  relay = await createRelay()
  peer = await createClient({ identity: createIdentity(), relays: [relay.url], store: ':memory:', strangers: 'allow' })
  await peer.connect()
  const [origin, disk, identity] = [new Origin(seeded(3)), new Disk(), createIdentity()]
  tabs = []
  open = async () => {
    const tab = await realTab(origin, disk, identity, relay)
    tabs.push(tab)
    return tab
  }
  owner = (await open()).client
  guest = (await open()).client
  await owner.connect()
})

afterEach(async () => {
  // Nothing of a tab that was killed goes on, so it does not close either.
  for (const { tab, client } of tabs) if (tab.isAlive) await client.close()
  await peer.close()
  await relay.close()
})

const arrives = async (client: Client, id: string): Promise<void> => {
  await expect.poll(async () => (await client.messages.get(id as never))?.id, { timeout: 90_000 }).toBe(id)
}

/** Two people who have written to each other; the first writes from the tab that works through the other one. */
const talked = async (): Promise<{ chat: Chat; back: Chat }> => {
  const chat = await guest.conversations.dm(peer.address)
  const { id } = await chat.send('harvest begins', SENT)
  await arrives(peer, id)
  const back = await peer.conversations.dm(owner.address)
  const answer = await back.send('and ends', SENT)
  await arrives(guest, answer.id)
  return { chat, back }
}

/** Both tabs say the same; gives what they say. */
const same = async <T>(read: (client: Client) => Promise<T>): Promise<T> => {
  const [there, here] = [await read(owner), await read(guest)]
  expect(here).toEqual(there)
  return here
}

describe('in a tab that works through another one', () => {
  test('every noun has every verb', () => {
    for (const client of [owner, guest, peer])
      for (const [noun, verbs] of Object.entries(VERBS))
        for (const verb of Object.keys(verbs))
          expect((client[noun as Noun] as unknown as Record<string, unknown>)[verb], `${noun}.${verb}`).toBeTypeOf(
            'function',
          )
  })

  test('people, profiles and settings are the same, whoever changes them', async () => {
    const { chat } = await talked()
    expect(await guest.contacts.add(peer.invite(), { name: 'Pat' })).toMatchObject({ name: 'Pat' })
    await owner.contacts.rename(peer.address, 'Patrick')
    expect(await same((client) => client.contacts.person(peer.address))).toMatchObject({
      title: 'Patrick',
      consent: 'allowed',
    })
    const { digits } = await same((client) => client.contacts.safetyNumber(peer.address))
    await guest.contacts.verify(peer.address, (await peer.contacts.safetyNumber(owner.address)).qr)
    expect(await owner.contacts.person(peer.address)).toMatchObject({ verification: 'verified' })
    await expect(guest.contacts.verify(peer.address, digits.replaceAll(/\d/g, '1'))).rejects.toMatchObject({
      code: 'identity/not-the-same',
    })

    await guest.profiles.set({ name: 'Ann', about: 'Apples' })
    expect(await same((client) => client.profiles.mine())).toMatchObject({ name: 'Ann', about: 'Apples' })
    const settings = listenTo((options) => guest.settings.stream(options))
    await settings.until(({ notify }) => notify === 'all')
    await owner.settings.set({ notify: 'mentions' })
    await settings.until(({ notify }) => notify === 'mentions')
    await guest.settings.set({ typing: false })
    expect(await same((client) => client.settings.get())).toMatchObject({ typing: false, notify: 'mentions' })
    await settings.stop()

    await guest.conversations.setDraft(chat.id, { text: 'to be continued' })
    await guest.conversations.setPinned(chat.id, true)
    await owner.conversations.setNotify(chat.id, { level: 'none' })
    expect(await same((client) => client.conversations.get(chat.id))).toMatchObject({
      title: 'Patrick',
      draft: { text: 'to be continued' },
      pinned: true,
      notify: { level: 'none' },
    })
    await guest.contacts.block(peer.address)
    await expect(guest.messages.send(chat.id, 'too late')).rejects.toMatchObject({ code: 'conversation/blocked' })
  })

  test('devices, history and search are the same', async () => {
    await talked()
    expect(await same((client) => client.devices.list())).toMatchObject([{ isThis: true, revoked: false }])
    await guest.devices.rename(owner.device, 'Desk')
    expect(await same((client) => client.devices.list())).toMatchObject([{ name: 'Desk' }])
    const refused = await Promise.allSettled([owner, guest].map((client) => client.devices.link('no such code')))
    const [there, here] = refused.map((each) => (each.status === 'rejected' ? each.reason.code : 'found'))
    expect(here).toBe(there)
    expect(here).not.toBe('found')

    await same((client) => client.history.progress())
    await same((client) => client.history.archive())
    const progress = listenTo((options) => guest.history.stream(options))
    await progress.until(() => true)
    await progress.stop()

    await guest.search.ready()
    const { hits } = await same((client) => client.search.messages({ text: 'harv' }))
    expect(hits).toMatchObject([{ from: owner.address, excerpt: 'harvest begins' }])
    expect(await same((client) => client.search.people(peer.address.slice(0, 20)))).toMatchObject([
      { address: peer.address },
    ])
  })

  test('who types, who is there and what notifies is told in every tab; each has its own that it reads', async () => {
    const { chat, back } = await talked()
    const presence = [owner, guest].map((client) =>
      listenTo<PresenceEvent>((options) => client.presence.stream(options)),
    )
    const peerHears = listenTo<PresenceEvent>((options) => peer.presence.stream(options))
    const notifications = [owner, guest].map((client) =>
      listenTo<Notification>((options) => client.notifications.stream(options)),
    )
    for (const each of presence) await each.until(({ type }) => type === 'online')
    expect(await same((client) => client.presence.of(peer.address))).toMatchObject({ online: true })
    await peerHears.until(({ type }) => type === 'online')
    await guest.presence.typing(chat.id)
    await peerHears.until(({ type, from }) => type === 'typing' && from === owner.address)
    await guest.presence.stopped(chat.id)
    await peerHears.until(({ type }) => type === 'stopped')
    await peer.presence.typing(back.id)
    for (const each of presence) await each.until(({ type }) => type === 'typing')

    guest.notifications.reading(chat.id)
    await back.send('is it read?', SENT)
    await notifications[0]?.until(({ type }) => type === 'message')
    await guest.conversations.markRead(chat.id)
    for (const each of notifications) await each.until(({ type }) => type === 'cleared')
    expect(notifications[1]?.items.map(({ type }) => type)).toEqual(['cleared'])
    for (const each of [...presence, ...notifications, peerHears]) await each.stop()
  })

  test('streams of signals go on with the next owner', async () => {
    const { chat, back } = await talked()
    const presence = listenTo<PresenceEvent>((options) => guest.presence.stream(options))
    const notifications = listenTo<Notification>((options) => guest.notifications.stream(options))
    const peerHears = listenTo<PresenceEvent>((options) => peer.presence.stream(options))
    await presence.until(({ type }) => type === 'online')
    const events = listenTo((options) => guest.events(options))
    // What the next owner tells may be here before it is said that there is one.
    const before = presence.items.length
    tabs[0]?.kill()
    await events.until(({ type }) => type === 'owner-changed')
    await guest.sync()
    const { id } = await back.send('still there?', SENT)
    await notifications.until(({ type }) => type === 'message')
    await guest.conversations.markRead(chat.id, id)
    await notifications.until(({ type }) => type === 'cleared')
    await presence.until(({ type }) => type === 'online', before)
    for (const each of [presence, notifications, peerHears, events]) await each.stop()
  })

  test('a backup is whole, and an offer is made once', async () => {
    const { chat } = await talked()
    const parts: Uint8Array[] = []
    const progress: { done: number; total: number }[] = []
    const onProgress = (each: { done: number; total: number }) => progress.push(each)
    for await (const part of guest.backup.export({ passphrase: PASSPHRASE, onProgress })) parts.push(part)
    expect(progress.at(-1)).toEqual({ done: progress.at(-1)?.total, total: expect.any(Number) })
    const place = { storage: new Disk().open(new Origin(seeded(1)).tab()), storeKey: new Uint8Array(32).fill(1) }
    const source = (async function* () {
      yield* parts
    })()
    await importBackup({ ...place, source, passphrase: PASSPHRASE })
    const copy = await createClient(place)
    const { items } = await copy.messages.list(chat.id)
    expect(items.map(({ content }) => (content.type === 'text' ? content.text : '?'))).toEqual([
      'and ends',
      'harvest begins',
    ])
    await copy.close()

    const total = { minor: '500', currency: 'EUR', exponent: 2 }
    const made = await guest.offers.make(chat.id, { items: [{ title: 'Apples' }], price: { total } }, SENT)
    expect(await same((client) => client.offers.get(made.offer))).toMatchObject({ state: 'open', head: made.event })
    expect((await same((client) => client.offers.list())).items).toHaveLength(1)
    const found = listenTo((options) => peer.offers.stream(options))
    await found.until(({ id }) => id === made.offer)
    await peer.offers.accept(made.offer, SENT)
    const agreed = listenTo((options) => guest.offers.stream(options))
    await agreed.until(({ state }) => state === 'taken')
    expect(await guest.offers.receipt(made.offer)).toEqual(await owner.offers.receipt(made.offer))
    for (const each of [found, agreed]) await each.stop()
  })
})
