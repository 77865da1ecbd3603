/**
 * Runs in a page of the app's origin while the app does not: writes conversations and messages into the store of the
 * identity that the app made. The one conversation that is there is the pattern of all others.
 */

import { browserSecrets } from '../../../packages/desktop/src/renderer/host/browser/secrets.ts'
import { openBrowserStore } from '../../../packages/sdk/dist/browser.js'
import { newestAccount } from './newest-account.mjs'
import { newestText, personOf, textOf } from './words.mjs'

/** Rows written at once. */
const BATCH = 400
const MINUTE = 60_000

/** `mark` keeps those of one kind apart from others. */
const hex = (number, length, mark) => mark + number.toString(16).padStart(length - 1, '0')

const patternOf = (store) =>
  store.read(async (tx) => {
    const [{ value: conversation }] = await tx.page('conversations', { scope: 'all', limit: 1 })
    const [{ value: message }] = await tx.page('messages', { scope: conversation.id, limit: 1 })
    const room = await tx.get('rooms', conversation.active)
    const at = (suffix) => tx.get('groups', `${room.id}${suffix}`)
    return {
      conversation,
      message,
      room,
      identity: await tx.get('identities', conversation.peer),
      self: (await tx.get('meta', 'self')).address,
      group: await at(''),
      tree: await at('/tree'),
      control: await at('/control'),
    }
  })

/** The pattern's conversation with somebody else: who it is, its room with its MLS state, and what was said last. */
const putConversation = (tx, pattern, { chat, count, activity, now, unread }) => {
  const peer = `dchat1${String(chat).padStart(62, 'q')}`
  const id = hex(chat, 32, 'c')
  const room = hex(chat, 64, 'a')
  const { people } = pattern.control.snapshot
  const renamed = people.map((one) => (one.address === pattern.conversation.peer ? { ...one, address: peer } : one))
  const snapshot = { ...pattern.control.snapshot, people: renamed }
  tx.put('identities', { key: peer, value: pattern.identity })
  tx.put('profiles', { key: peer, value: { version: 1, name: personOf(chat) } })
  const ordinal = pattern.room.ordinal + 1 + chat
  const record = {
    ...pattern.room,
    id: room,
    ordinal,
    conversation: id,
    topic: crypto.getRandomValues(new Uint8Array(32)),
  }
  tx.put('rooms', { key: room, scope: 'all', position: ordinal, value: record })
  tx.put('groups', { key: room, value: pattern.group })
  tx.put('groups', { key: `${room}/tree`, value: pattern.tree })
  tx.put('groups', { key: `${room}/control`, value: { ...pattern.control, snapshot } })
  const last = { id: hex(chat, 16, 'e') + hex(count, 48, '0'), from: peer, place: 2 * count }
  const value = {
    ...pattern.conversation,
    id,
    peer,
    rooms: [room],
    active: room,
    unread,
    activity,
    readPlace: 2 * (count - unread),
    last: { ...last, preview: newestText(chat, count), at: now },
  }
  tx.put('conversations', { key: id, scope: 'all', position: activity, value })
  return { id, peer, room }
}

const putMessage = (tx, pattern, { chat, within, count, number, arrival, now, unread }) => {
  const own = number !== count && number % 7 < 3
  const id = hex(chat, 16, 'e') + hex(number, 48, '0')
  const value = {
    ...pattern.message,
    id,
    conversation: within.id,
    room: within.room,
    from: own ? pattern.self : within.peer,
    own,
    content: { type: number % 5 === 0 ? 'markdown' : 'text', ...wordsOf(chat, number, count) },
    state: number > count - unread ? 'delivered' : 'read',
    at: now - (count - number) * 2 * MINUTE,
    // Reports stand between the messages of a topic.
    place: 2 * number,
    arrival,
  }
  delete value.clientId
  tx.put('messages', { key: id, scope: within.id, position: value.place, value })
  tx.put('arrivals', { key: `${arrival}`, scope: 'all', position: arrival, value: { id } })
}

const wordsOf = (chat, number, count) => {
  const text = number === count ? newestText(chat, count) : textOf(chat, number)
  return number % 5 === 0 ? { markdown: text } : { text }
}

/**
 * @param {{ conversations: number, messages: number, others: number }} size conversations; messages of the newest one; and
 *   of each other one
 */
globalThis.fill = async ({ conversations, messages, others }) => {
  const account = await newestAccount()
  const { store, close } = await openBrowserStore({ name: account.store, unlock: { keystore: browserSecrets() } })
  const pattern = await patternOf(store)
  let arrival = (await store.read((tx) => tx.get('meta', 'arrivals'))) ?? 0
  for (let chat = 0; chat < conversations; chat++) {
    // The first is the newest, and the longest.
    const count = chat === 0 ? messages : others
    const now = Date.now() - chat * MINUTE
    // Some of them wait to be read.
    const unread = chat % 10 === 3 ? 2 : 0
    const activity = pattern.conversation.activity + conversations - chat
    const one = { chat, count, activity, now, unread }
    let within
    await store.write(async (tx) => {
      within = putConversation(tx, pattern, one)
    })
    for (let first = 1; first <= count; first += BATCH)
      await store.write(async (tx) => {
        for (let number = first; number < Math.min(first + BATCH, count + 1); number++)
          putMessage(tx, pattern, { ...one, within, number, arrival: ++arrival })
      })
  }
  await store.write(async (tx) => {
    tx.put('meta', { key: 'arrivals', value: arrival })
    tx.put('meta', { key: 'activity', value: pattern.conversation.activity + conversations })
    tx.put('meta', { key: 'rooms', value: pattern.room.ordinal + conversations })
  })
  await close()
}
