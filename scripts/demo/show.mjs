import { relative } from 'node:path'
import { root } from '../lib/run.mjs'

const ms = (time) => `${time.toFixed(1)} ms`
const hex = (bytes) => Buffer.from(bytes).toString('hex')
const spaced = (bytes) => hex(bytes).replace(/..(?!$)/g, '$& ')
const FIRST = 24

export const showPeople = (out, { url, folder, guide, visitor }) => {
  out.heading('One message, there and back')
  out.row('Relay', url)
  out.row('Its database', folder)
  out.row('Guide', guide)
  out.row('Visitor', visitor)
}

export const showWritten = (out, { text, accepted }) => {
  out.heading('The visitor writes to the guide')
  out.row('Text', text)
  out.row('Receipt after', ms(accepted))
}

/** `entry` is the relay's row of the message. */
export const showSeen = (out, { entry, text, searched }) => {
  const { receipt, body, epoch } = entry
  const size = `${body.length} bytes, padded and encrypted; the text has ${Buffer.byteLength(text)}`
  out.heading('What the relay saw of it')
  out.row('Topic', hex(receipt.topic))
  out.row('Sequence number', String(receipt.seq))
  out.row('Kind', receipt.kind)
  out.row('Epoch', String(epoch))
  out.row('Size', size)
  out.row('Accepted', new Date(receipt.time).toISOString())
  out.row('First bytes', `${spaced(body.subarray(0, FIRST))} …`)
  const { files, bytes } = searched
  out.row('Search', `${files.length} database files of relay and guide, ${Math.ceil(bytes / 1024)} KiB, logs included:`)
  out.row('', 'the encrypted body was found, the text was not found.')
}

export const showAnswer = (out, { answer, roundTrip }, next) => {
  out.heading('The guide answers')
  out.row('Text', answer.content.text)
  out.row('Round trip', `${ms(roundTrip)}, first contact included; ${ms(next.roundTrip)} for the next message`)
}

/** The app, for the browser of this machine. */
export const showPage = (out, url) => {
  out.heading('Open the app')
  out.row('In a browser', url)
  out.note('A name is all it asks for. The guide is in it: write to it, and haggle.')
}

/** The app in a window of its own. */
export const showWindow = (out) => {
  out.heading('The app is open')
  out.note('A name is all it asks for. The guide is in it: write to it, and haggle.')
}

const PROGRAM = 'node packages/cli/bin/dchat.js'

/** The commands with which another terminal joins; each line can be copied as it stands, in every usual shell. */
const joinCommands = ({ url, invite }) => [
  `${PROGRAM} init --profile me --relay ${url}`,
  `${PROGRAM} contacts add --profile me "${invite}" --as guide`,
  `${PROGRAM} send --profile me guide "hello"`,
  `${PROGRAM} listen --profile me`,
]

export const showJoin = (out, { url, invite }) => {
  out.heading('Join from a second terminal')
  for (const command of [`cd ${quoted(root)}`, ...joinCommands({ url, invite })]) out.plain(command)
  out.line()
  out.note('"init" makes your identity, once. Ctrl-C ends the relay, the guide and the app.')
}

/** A folder for a command line. */
const quoted = (path) => {
  const folder = path.replace(/[/\\]$/, '')
  return /^[\w./\\:-]+$/.test(folder) ? folder : `"${folder}"`
}

/** A path as it is best read from here. */
export const shown = (path) => {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}
