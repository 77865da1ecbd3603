import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'
import { address, chatId } from './texts.mjs'

const built = (entry) => import(pathToFileURL(join(root, `packages/sdk/dist/${entry}.js`)).href)
const { openSearch, putConversation, putMessage, tellingForgotten } = await built('internal/search')
const { sealedStore } = await built('index')

/** Messages that are stored at once. */
const BATCH = 1_000

const random = (length) => new Uint8Array(randomBytes(length))
const clock = { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

const recordOf = ({ conversation, person, at, text }, place) => ({
  id: `${chatId(conversation)}${place.toString(16).padStart(32, '0')}`,
  conversation: chatId(conversation),
  room: 'ab'.repeat(32),
  from: address(person),
  device: 'cd'.repeat(16),
  own: false,
  content: { type: 'text', text },
  state: 'read',
  at,
  place,
  arrival: place,
})

/**
 * A device's store with messages, and its search.
 * @param {object} storage an empty one
 */
export const createDevice = async (storage) => {
  let tell = () => undefined
  const store = tellingForgotten(sealedStore(storage, random(32), random), (keys) => tell(keys))
  const places = new Map()
  const placeOf = (conversation) => {
    // Two entries of a topic for each message: reports stand in it too.
    const place = (places.get(conversation) ?? 0) + 2
    places.set(conversation, place)
    return place
  }
  let open
  const leave = () => {
    open?.abort(new Error('closed'))
    tell = () => undefined
  }
  return {
    /** Stores them as a client does, or nearly: rows that search does not touch are left out. */
    write: async (messages) => {
      for (let at = 0; at < messages.length; at += BATCH)
        await store.write(async (tx) => {
          for (const message of messages.slice(at, at + BATCH))
            putMessage(tx, recordOf(message, placeOf(message.conversation)))
        })
    },
    chats: (count) =>
      store.write(async (tx) => {
        for (let chat = 0; chat < count; chat += 1) {
          const record = {
            id: chatId(chat),
            kind: 'group',
            createdAt: 0,
            rooms: [],
            unread: 0,
            activity: 0,
            readPlace: -1,
          }
          await putConversation(tx, record, { moveUp: true })
        }
      }),
    /** A new start: what was in memory is gone. */
    open: async () => {
      leave()
      open = new AbortController()
      const listeners = new Set()
      tell = (keys) => {
        for (const listener of listeners) listener(keys)
      }
      const forgotten = { on: (listener) => listeners.add(listener) }
      const core = { store, clock, log, forgotten, signal: open.signal, self: { address: address(-1) } }
      return openSearch(core, (work) => void work.catch(() => undefined))
    },
    leave,
    close: async () => {
      leave()
      await storage.close()
    },
    /** Bytes of the index in the store, sealed. */
    stored: () =>
      storage.read(async (tx) => {
        let bytes = 0
        for (let after; ; ) {
          const rows = await tx.scan('search', { limit: 100, ...(after === undefined ? {} : { after }) })
          for (const { value } of rows) bytes += value.length
          after = rows.at(-1)?.key
          if (rows.length < 100) return bytes
        }
      }),
  }
}
