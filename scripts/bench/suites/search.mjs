import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { root } from '../../lib/run.mjs'
import { createDevice } from '../search/device.mjs'
import { address, chatId, createTexts } from '../search/texts.mjs'

const COUNT = { full: 100_000, quick: 2_000 }
const RUNS = { full: { runs: 100, warmup: 10 }, quick: { runs: 4, warmup: 1 } }
const STARTS = { full: 5, quick: 2 }
/** Messages of the store whose index is made anew. */
const MADE = { full: 10_000, quick: 500 }
const PAGE = 50

/** Bytes in memory once everything is gone that nobody needs. */
const inUse = async () => {
  setFlagsFromString('--expose-gc')
  // What was just left ends first, and what it held goes in turns.
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    runInNewContext('gc')()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What people ask for. `fts`: the same for the peer. */
const questionsOf = ({ vocabulary, messages }) => {
  const [first, second, third] = vocabulary
  const rare = vocabulary[20_000]
  const oldest = messages[0].text.slice(0, -1).split(' ')
  const phrase = oldest.slice(0, 3).join(' ')
  return {
    'a common beginning': { text: first.slice(0, 1) },
    'a rare word': { text: rare },
    'two common words and a beginning': { text: `${first} ${second} ${third.slice(0, 1)}` },
    'a common and a rare word': { text: `${first} ${rare}` },
    'a phrase that stands in the oldest message': { text: `"${phrase}"` },
    'a word that nobody wrote': { text: 'qqqqqqqqqqqq' },
    'a word in one conversation of one person': { text: first, conversation: chatId(3), from: address(7) },
  }
}

const open = async (size) => {
  const { sqliteStorage } = await import(pathToFileURL(join(root, 'packages/sdk/dist/sqlite.js')).href)
  const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-'))
  const texts = createTexts(COUNT[size])
  const filled = async (name, messages) => {
    const device = await createDevice(await sqliteStorage(join(folder, name)))
    await device.chats(texts.chats)
    await device.write(messages)
    return device
  }
  const device = await filled('whole.db', texts.messages)
  await (await device.open()).ready()
  return { folder, texts, device, filled }
}

let opened

const dchat = {
  name: 'SQLite',
  open: async (size) => {
    opened = await open(size)
    const { texts, device, filled } = opened
    const stored = await device.stored()
    let bytes = 1
    let search = await device.open()
    await search.ready()
    let made
    const questions = Object.entries(questionsOf(texts)).map(([what, question]) => ({
      name: `find ${what}`,
      ...RUNS[size],
      run: async () => {
        if (!(await search.messages({ ...question, limit: PAGE })).complete) throw new Error('not complete')
      },
    }))
    return [
      {
        name: 'first search after a start',
        runs: STARTS[size],
        measured: async () => {
          device.leave()
          search = undefined
          const before = await inUse()
          const since = performance.now()
          search = await device.open()
          await search.ready()
          await search.messages({ text: texts.vocabulary[0], limit: PAGE })
          const took = performance.now() - since
          bytes = Math.max(1, (await inUse()) - before)
          return took
        },
        bytes: () => bytes,
      },
      ...questions,
      {
        name: 'find a word after one more message',
        ...RUNS[size],
        prepare: (index) =>
          device.write([{ conversation: index % 5, person: 1, at: Date.now(), text: `more ${index}.` }]),
        run: async () => {
          if (!(await search.messages({ text: 'more', limit: PAGE })).complete) throw new Error('not complete')
        },
      },
      {
        name: 'make the index, each 1,000 messages',
        runs: STARTS[size],
        warmup: 0,
        per: MADE[size] / 1_000,
        prepare: async (index) => {
          await made?.close()
          made = await filled(`made-${index}.db`, texts.messages.slice(0, MADE[size]))
        },
        run: async () => (await made.open()).ready(),
        bytes: () => Math.round((stored / COUNT[size]) * 1_000),
      },
    ]
  },
  close: async () => {
    await opened?.device.close()
    if (opened !== undefined) rmSync(opened.folder, { recursive: true, force: true })
  },
}

/** The same words in the index of a database, unsealed: what it would cost if anybody who finds the file could read it. */
const fts = {
  name: 'SQLite FTS5',
  open: async (size) => {
    const Database = createRequire(join(root, 'packages/sdk/package.json'))('libsql')
    const db = new Database(':memory:')
    db.exec(`CREATE VIRTUAL TABLE said USING fts5(text, chat UNINDEXED, person UNINDEXED, prefix='1 2 3')`)
    const insert = db.prepare('INSERT INTO said (rowid, text, chat, person) VALUES (?, ?, ?, ?)')
    db.exec('BEGIN')
    for (const [index, { text, conversation, person }] of opened.texts.messages.entries())
      insert.run([index + 1, text, chatId(conversation), address(person)])
    db.exec('COMMIT')
    const found = db.prepare(
      `SELECT rowid, snippet(said, 0, '[', ']', '…', 20) FROM said
       WHERE said MATCH ? AND (?2 IS NULL OR chat = ?2) AND (?3 IS NULL OR person = ?3) ORDER BY rowid DESC LIMIT ${PAGE}`,
    )
    return Object.entries(questionsOf(opened.texts)).map(([what, { text, conversation, from }]) => ({
      name: `FTS5: find ${what}`,
      ...RUNS[size],
      run: () => found.all([text.startsWith('"') ? text : `${text}*`, conversation ?? null, from ?? null]),
    }))
  },
}

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'search',
  title: 'Search in 100,000 messages',
  unit: 'ms',
  rounds: 5,
  parts: [dchat],
  peers: [fts],
  aims: Object.keys(questionsOf(createTexts(1)))
    .concat('a word after one more message')
    .map((what) => ({ of: `find ${what}`, atMost: 50 })),
}
