import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DchatError } from '../../packages/sdk/dist/errors.js'
import { root } from '../lib/run.mjs'

/** The same as of `dchat-relay`. */
const PORT = 7464
/** A browser keeps what it keeps by address and port, so this one should stay. */
const APP_PORT = 7465

export const USAGE = `npm start -- [options]

Starts a relay on loopback and a guide that answers, shows one message travelling both ways, opens the app, and stays up.

  --once        end after the exchange
  --data DIR    where the relay, the guide and the app keep their databases (default: .dchat in this folder)
  --port N      the relay's port (default: ${PORT}, or a free one if it is taken; 0: a free one)
  --app-port N  the app's port, where a browser shows it (default: ${APP_PORT}, or a free one if it is taken; 0: a free one)
  --help        this text
`

const wrong = (name, reason) =>
  new DchatError('usage/invalid-argument', { name, reason }, { hint: '"npm start -- --help" tells what there is.' })

const portOf = (name, text) => {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw wrong(name, 'it is not a number from 0 to 65535')
}

const parse = (args) => {
  try {
    return parseArgs({
      args,
      options: {
        once: { type: 'boolean', default: false },
        data: { type: 'string' },
        port: { type: 'string' },
        'app-port': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw wrong('the command line', error.message.split('.')[0])
  }
}

/**
 * `ports`: what to try, in this order; 0 is a free one, after those of earlier times (`known`). `appPorts`: what to try for
 * the page.
 * Throws `usage/invalid-argument`.
 * @param {readonly string[]} args
 */
export const readOptions = (args) => {
  const { once, data, port, 'app-port': appPort, help } = parse(args)
  if (data === '') throw wrong('--data', 'it names no folder')
  const wanted = portOf('--port', port)
  const wantedApp = portOf('--app-port', appPort)
  return {
    once,
    help,
    data: data === undefined ? resolve(root, '.dchat') : resolve(data),
    ports: (known) => {
      if (wanted === undefined) return [...new Set([PORT, ...known, 0])]
      return wanted === 0 ? [...known, 0] : [wanted]
    },
    appPorts: wantedApp === undefined ? [APP_PORT, 0] : [wantedApp],
  }
}
