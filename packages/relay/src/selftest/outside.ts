import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { decodeFrame, encodeFrame, equalBytes, type Frame, WIRE_VERSIONS, welcomeBytes } from '@dchat/sdk/wire'
import { WebSocket } from 'ws'
import type { RelayCrypto } from '../platform.ts'
import { checkCertificate } from './certificate.ts'
import { type Check, fail, note, ok, warn } from './check.ts'

const PATIENCE = 10_000
/** ms that two clocks may be apart. */
const APART = 120_000

export interface OutsideOptions {
  readonly publicUrl: string | undefined
  /** The key that has to answer there. */
  readonly relayKey: Uint8Array
  readonly crypto: RelayCrypto
  readonly now: () => number
  readonly signal: AbortSignal
  /** ms for each step; default 10,000. */
  readonly patience?: number
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? 'no answer in time')

/**
 * Goes the way that clients go: name, connection, certificate, WebSocket through whatever stands in front, hello. It ends at
 * the first step after which no other can succeed.
 */
export const checkOutside = async (options: OutsideOptions): Promise<Check[]> => {
  const { publicUrl, now } = options
  if (publicUrl === undefined)
    return [
      note('address', 'publicUrl is not set, so the way from outside was not tried. Set it to the wss:// address.'),
    ]
  const { protocol, hostname, port } = new URL(publicUrl)
  const secure = protocol === 'wss:'
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 443 : 80)) }
  const checks: Check[] = [await step(options, (over) => checkName(place.host, over))]
  if (checks.at(-1)?.state !== 'fail') checks.push(await step(options, (over) => checkPort(place, over)))
  if (checks.at(-1)?.state === 'fail') return checks
  if (secure) checks.push(await step(options, (over) => checkCertificate(place, over, now())))
  else if (!isLocal(place.host))
    checks.push(
      warn('certificate', 'publicUrl is ws://, so everybody on the way sees which conversations are used: use wss://.'),
    )
  checks.push(...(await step(options, (over) => checkHello(options, publicUrl, over))))
  return checks
}

const isLocal = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.')

const step = async <T>(
  { signal, patience = PATIENCE }: OutsideOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  // Not `AbortSignal.timeout` in `AbortSignal.any`: Node 20 may collect it before it fires, and the look would never end.
  const over = new AbortController()
  const stop = () => over.abort(signal.reason)
  const timer = setTimeout(() => over.abort(new DOMException('it takes too long', 'TimeoutError')), patience)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    return await work(over.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

const checkName = async (host: string, signal: AbortSignal): Promise<Check> => {
  try {
    // A lookup cannot be cancelled: its answer is not waited for.
    const late = once(signal, 'abort').then(() => Promise.reject(signal.reason))
    const found = await Promise.race([lookup(host, { all: true }), late])
    return ok('name', `${host} is ${found.map(({ address }) => address).join(', ')}.`)
  } catch (error) {
    return fail('name', `The name ${host} leads nowhere (${codeOf(error)}): correct its DNS record, or publicUrl.`)
  }
}

const checkPort = async (place: { host: string; port: number }, signal: AbortSignal): Promise<Check> => {
  const socket = connect(place)
  try {
    await once(socket, 'connect', { signal })
    return ok('port', `${place.host}:${place.port} takes connections.`)
  } catch (error) {
    return fail(
      'port',
      `${place.host}:${place.port} does not take connections from here (${codeOf(error)}): open it in the firewall, and see ` +
        'that the proxy runs. Some routers do not let a machine reach its own public address: then try from elsewhere.',
    )
  } finally {
    socket.destroy()
  }
}

/** Whatever a proxy answers in place of the relay is told; a certificate that is wrong was told before. */
const checkHello = async (options: OutsideOptions, url: string, signal: AbortSignal): Promise<Check[]> => {
  const socket = new WebSocket(url, { perMessageDeflate: false, rejectUnauthorized: false })
  let date: string | undefined
  socket.on('error', () => undefined)
  try {
    const opened = new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      socket.once('open', () => resolve())
      socket.once('upgrade', ({ headers }: IncomingMessage) => {
        date = headers.date
      })
      socket.once('unexpected-response', (_, { statusCode }) => reject(new Refused(statusCode ?? 0)))
      socket.once('error', reject)
    })
    await opened
    const nonce = new Uint8Array(randomBytes(32))
    const answered = once(socket, 'message', { signal }) as Promise<[Buffer]>
    socket.send(encodeFrame({ type: 'hello', versions: WIRE_VERSIONS, agent: 'dchat-relay self-test', nonce }))
    const [data] = await answered
    const frame = decodeFrame(new Uint8Array(data))
    return [
      ok('websocket', 'A WebSocket comes through.'),
      await welcomed(options, frame, nonce),
      ...clocks(options, date),
    ]
  } catch (error) {
    if (error instanceof Refused) return [fail('websocket', error.message)]
    options.signal.throwIfAborted()
    return [
      fail('websocket', `No WebSocket comes through to a relay (${codeOf(error)}): see what stands in front of it.`),
    ]
  } finally {
    socket.terminate()
  }
}

class Refused extends Error {
  constructor(status: number) {
    super(
      [502, 503, 504].includes(status)
        ? `What stands in front answers ${status}: it does not reach the relay, or the relay takes no more links.`
        : `What stands in front answers ${status} and no WebSocket: let it pass Upgrade and Connection headers on.`,
    )
  }
}

const welcomed = async ({ relayKey, crypto }: OutsideOptions, frame: Frame, nonce: Uint8Array): Promise<Check> => {
  if (frame.type !== 'welcome')
    return fail('hello', 'Something answers there that is no relay of this version: see where publicUrl leads.')
  const signed = await crypto.ed25519.verify(frame.relayKey, welcomeBytes(nonce, frame.challenge), frame.signature)
  return signed && equalBytes(frame.relayKey, relayKey)
    ? ok('hello', 'This very relay answers, with its own key.')
    : fail('hello', 'Another relay answers there: publicUrl, or what stands in front, leads to the wrong one.')
}

/** Another clock is seen only where something stands in front. */
const clocks = ({ now }: OutsideOptions, date: string | undefined): Check[] => {
  const apart = date === undefined ? Number.NaN : Date.parse(date) - now()
  if (Number.isNaN(apart)) return []
  return Math.abs(apart) > APART
    ? [
        warn(
          'clock',
          `The clock here is ${Math.round(apart / -1000)} s off that of what stands in front: synchronise both.`,
        ),
      ]
    : [ok('clock', 'The clock agrees with what stands in front.')]
}
