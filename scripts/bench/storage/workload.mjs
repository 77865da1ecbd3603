/** What a storage is asked for by a client; runs in Node and in a page, so it imports nothing. */

const CONVERSATION = 'c0ffee'.repeat(5).slice(0, 32)
const PAGE = 50
/** Messages written at once while a store is filled. */
const BATCH = 500
const TEXT = 'A message of the usual length, with a few words about the weather and what to cook tonight. '.repeat(3)

/** The conversation's row, as the client keeps it: the count of what is unread stands in it. */
const conversation = (place) => ({
  id: CONVERSATION,
  kind: 'dm',
  peer: 'dchat1'.padEnd(68, 'q'),
  createdAt: 1_700_000_000_000,
  rooms: ['ab'.repeat(32)],
  active: 'ab'.repeat(32),
  readPlace: 0,
  unread: place,
  activity: place,
  last: { id: messageId(place), from: 'dchat1'.padEnd(68, 'q'), preview: TEXT.slice(0, 80), at: place, place },
})

const messageId = (place) => place.toString(16).padStart(64, '0')

const message = (place) => ({
  id: messageId(place),
  conversation: CONVERSATION,
  room: 'ab'.repeat(32),
  from: 'dchat1'.padEnd(68, 'q'),
  device: 'cd'.repeat(32),
  own: false,
  content: { type: 'text', text: TEXT },
  state: 'delivered',
  at: 1_700_000_000_000 + place,
  place,
  arrival: place,
})

/** What stays of each message: itself, and its place in the order of arrival. */
const keptRowsOf = (place) => [
  ['messages', { key: messageId(place), scope: CONVERSATION, position: place, value: message(place) }],
  ['arrivals', { key: String(place), scope: 'all', position: place, value: { id: messageId(place) } }],
]

/** Everything that one message writes: its conversation and the counter are replaced. */
const rowsOf = (place) => [
  ...keptRowsOf(place),
  ['conversations', { key: CONVERSATION, scope: 'all', position: place, value: conversation(place) }],
  ['meta', { key: 'arrivals', value: place }],
]

/** Remembers what the sealed store asks the storage for, to ask the same of it without sealing. */
const recording = (storage, asked) => ({
  ...storage,
  read: (work) =>
    storage.read((tx) =>
      work({
        get: (table, key) => {
          asked.key = key
          return tx.get(table, key)
        },
        page: (table, query) => {
          asked.page = query
          return tx.page(table, query)
        },
      }),
    ),
  write: (work) =>
    storage.write((tx) => {
      asked.rows = []
      return work({
        get: (table, key) => tx.get(table, key),
        page: (table, query) => tx.page(table, query),
        delete: (table, key) => tx.delete(table, key),
        put: (table, row) => {
          asked.rows.push([table, row])
          tx.put(table, row)
        },
      })
    }),
})

/**
 * Fills a storage with a conversation of `count` messages and tells what can be measured on it: each operation through
 * the sealed store, as the client does it, and the same on the sealed rows alone.
 * @param {object} storage an empty one
 * @param {(storage: object) => object} seal
 * @param {number} count
 */
export const createWorkload = async (storage, seal, count) => {
  const asked = {}
  const store = seal(recording(storage, asked))
  for (let place = 1; place <= count; place += BATCH)
    await store.write(async (tx) => {
      for (let at = place; at < Math.min(place + BATCH, count + 1); at++)
        for (const [table, row] of keptRowsOf(at)) tx.put(table, row)
    })

  let last = count
  const page = (from, list, before) =>
    from.read((tx) =>
      tx.page('messages', {
        scope: list,
        limit: PAGE,
        order: 'descending',
        ...(before === undefined ? {} : { before }),
      }),
    )
  const assertFull = (rows) => {
    if (rows.length !== PAGE) throw new Error(`a page of ${rows.length}`)
  }
  const record = (from, key) => from.read((tx) => tx.get('conversations', key))

  const put = () => {
    last += 1
    return store.write(async (tx) => {
      // As the client: what is known of the conversation first, then everything at once.
      await tx.get('conversations', CONVERSATION)
      await tx.get('messages', messageId(last))
      for (const [table, row] of rowsOf(last)) tx.put(table, row)
    })
  }

  // Once each, to learn the sealed names and rows.
  await put()
  assertFull(await page(store, CONVERSATION))
  const { scope } = asked.page
  await record(store, CONVERSATION)
  const { key } = asked

  /** Somewhere in the conversation, another place each time. */
  const depth = (index) => PAGE + 1 + ((index * 7919) % (count - PAGE))

  return {
    sealed: {
      newest: async () => assertFull(await page(store, CONVERSATION)),
      depth: async (index) => assertFull(await page(store, CONVERSATION, depth(index))),
      put,
      unread: async () => {
        if ((await record(store, CONVERSATION)).unread !== last) throw new Error('another count')
      },
    },
    rows: {
      newest: async () => assertFull(await page(storage, scope)),
      depth: async (index) => assertFull(await page(storage, scope, depth(index))),
      put: (index) => {
        const fresh = `${index.toString(16).padStart(8, '0')}${asked.rows[0][1].key.slice(8)}`
        const rows = asked.rows.map(([table, row]) => {
          const own = table === 'messages' || table === 'arrivals'
          return [table, own ? { ...row, key: fresh, scope: `other ${table}`, position: index + 1 } : row]
        })
        return storage.write(async (tx) => {
          await tx.get('conversations', key)
          await tx.get('messages', fresh)
          for (const [table, row] of rows) tx.put(table, row)
        })
      },
      unread: async () => {
        if ((await record(storage, key)) === undefined) throw new Error('no record')
      },
    },
  }
}
