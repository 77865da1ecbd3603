/** A bot behind a webhook, in plain Node: lists of things to do. It needs nothing that has to be installed. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { isGenuine } from './verify.js'

const { WEBHOOK_SECRET = '', PORT = '3000', STATE = 'todo.json' } = process.env
/** Events whose answers are remembered; a repetition comes within two days. */
const REMEMBERED = 10_000
/** Bytes of a body; those of events have at most 20,000. */
const LIMIT = 100_000

/**
 * @typedef {object} State
 * @property {Record<string, string[]>} lists by conversation
 * @property {[id: string, actions: object[]][]} answered the newest last
 */

/** @type {State} */
const state = existsSync(STATE) ? JSON.parse(readFileSync(STATE, 'utf8')) : { lists: {}, answered: [] }

/** What was done and the event that wanted it are written together: after a kill both are there, or neither. */
const save = () => {
  writeFileSync(`${STATE}.new`, JSON.stringify(state))
  renameSync(`${STATE}.new`, STATE)
}

/** The beginning of a text, in whole characters: buttons have 64 bytes. @param {string} text @param {number} length */
const short = (text, length) => [...text].slice(0, length).join('')

/** @param {string} what */
const callbackOf = (what) => `done:${short(what, 14)}`

/** @param {string[]} list */
const shown = (list) =>
  list.length === 0
    ? { text: 'There is nothing to do.' }
    : { text: 'To do:', keyboard: list.map((what) => [{ text: short(what, 16), callback: callbackOf(what) }]) }

/**
 * What this program reads of an event; docs/events.md has all of it.
 * @typedef {object} BotEvent
 * @property {string} type
 * @property {{ event_id: string, challenge?: string, conversation: { id: string },
 *   message?: { command?: { name: string, args: string[] } },
 *   data?: string, callback_id?: string, message_id?: string }} data
 */

/** @param {BotEvent} event @returns {object[]} */
const actionsFor = ({ type, data }) => {
  const { id } = data.conversation
  const list = state.lists[id] ?? []
  state.lists[id] = list
  const { name, args } = data.message?.command ?? {}
  const what = (args ?? [])
    .join(' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  if (type === 'message.created' && name === 'add' && what !== '' && list.length < 20) {
    list.push(what)
    return [{ do: 'send', ...shown(list) }]
  }
  if (type === 'message.created' && name === 'list') return [{ do: 'send', ...shown(list) }]
  if (type === 'callback.pressed') {
    const at = list.findIndex((each) => callbackOf(each) === data.data)
    if (at < 0) return [{ do: 'answer_callback', callback_id: data.callback_id, text: 'That is done.' }]
    const [done] = list.splice(at, 1)
    return [
      { do: 'answer_callback', callback_id: data.callback_id, text: short(`Done: ${done}`, 100) },
      { do: 'edit', message_id: data.message_id, ...shown(list) },
    ]
  }
  // Types that this program does not know: later versions add some.
  return []
}

/** An event that comes again gets the answer that it got: nothing is done twice. @param {BotEvent} event */
const answerTo = (event) => {
  if (event.type === 'webhook.ping') return { challenge: event.data.challenge }
  const id = event.data.event_id
  const known = state.answered.find(([other]) => other === id)
  if (known) return { v: 1, actions: known[1] }
  const actions = actionsFor(event)
  state.answered = [...state.answered, /** @type {[string, object[]]} */ ([id, actions])].slice(-REMEMBERED)
  save()
  return { v: 1, actions }
}

const server = createServer(async (request, response) => {
  /** @type {Buffer[]} */
  const parts = []
  let size = 0
  for await (const part of request) {
    size += part.length
    if (size <= LIMIT) parts.push(part)
  }
  const body = Buffer.concat(parts)
  // What was cut is not genuine either.
  if (request.method !== 'POST' || !isGenuine(body, request.headers, WEBHOOK_SECRET)) {
    response.writeHead(401).end()
    return
  }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answerTo(JSON.parse(body.toString()))))
})
server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`Listening on http://127.0.0.1:${address?.port}/`)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close())
