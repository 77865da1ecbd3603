import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request } from 'node:http'
import { type RequestOptions, request as requestTls } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Address, parseRelayUrl } from '@dchat/sdk'
import { type DchatError, isDchatError } from '@dchat/sdk/errors'
import { nodeTransport } from '@dchat/sdk/node'

/** What is wrong with a relay, or the way to it. */
export type Ailment =
  | 'name-unknown'
  | 'refused'
  | 'no-way'
  | 'no-answer'
  | 'no-tls'
  | 'wants-tls'
  | 'certificate'
  | 'over-quota'
  | 'no-websocket'
  | 'proxy-without-relay'
  | 'not-a-relay'
  | 'version'
  | 'wrong-key'
  | 'clock'
  | 'not-invited'

export interface Diagnosis {
  readonly relay: string
  readonly ailment?: Ailment
  /** One line: what is so, and what to do. */
  readonly text: string
  readonly relayKey?: string
  readonly program?: string
  readonly version?: number
  /** ms */
  readonly roundTrip?: number
  readonly ahead?: number
}

export interface DiagnoseOptions {
  /** ms for each step. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** The key that the relay has to have, hex. */
  readonly key?: string
  /** Whose home it should be. */
  readonly address?: Address
}

/** Clocks that are further apart make messages and offers look late. */
const CLOCK_APART = 2 * 60_000

class Ill extends Error {
  readonly ailment: Ailment
  constructor(ailment: Ailment, text: string) {
    super(text)
    this.ailment = ailment
  }
}

interface Place {
  readonly secure: boolean
  readonly host: string
  readonly port: number
}

/** Goes the way to a relay step by step, as a client would, and says at which one it ends and why. */
export const diagnoseRelay = async (url: string, options: DiagnoseOptions): Promise<Diagnosis> => {
  const relay = parseRelayUrl(url)
  const { protocol, hostname, port } = new URL(relay)
  const secure = protocol === 'wss:'
  const place = { secure, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 443 : 80)) }
  try {
    await findName(place)
    await reach(place, options)
    if (secure) await checkCertificate(place, options)
    await upgrade(place, options)
    return await speak(relay, options)
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof Ill)) throw error
    return { relay, ailment: error.ailment, text: error.message }
  }
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? '')

const findName = async ({ host }: Place): Promise<void> => {
  try {
    await lookup(host)
  } catch (error) {
    throw codeOf(error) === 'EAI_AGAIN'
      ? new Ill('no-way', `The name ${host} cannot be looked up now: check this machine's network and its name server.`)
      : new Ill('name-unknown', `There is no machine called ${host}: check the spelling.`)
  }
}

/** Resolves when the socket is connected; what keeps it from that is an ailment. */
const opened = <S extends Socket>(socket: S, event: string, place: Place, options: DiagnoseOptions): Promise<S> =>
  new Promise<S>((resolve, reject) => {
    const { timeout, signal } = options
    const at = `${place.host}:${place.port}`
    const end = (act: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      act()
    }
    const fail = (error: unknown) =>
      end(() => {
        socket.destroy()
        reject(error)
      })
    const stop = () => fail(signal.reason)
    const late = () =>
      fail(new Ill('no-answer', `Nothing answers at ${at} within ${timeout} ms: a firewall, or a machine that is off.`))
    const timer = setTimeout(late, timeout)
    signal.addEventListener('abort', stop, { once: true })
    socket.once(event, () => end(() => resolve(socket)))
    socket.once('error', fail)
    socket.once('close', () =>
      fail(new Ill('no-tls', `${at} closes the connection at once: it does not speak TLS there.`)),
    )
  })

const reach = async (place: Place, options: DiagnoseOptions): Promise<void> => {
  const { host, port } = place
  try {
    const socket = await opened(connect({ host, port }), 'connect', place, options)
    socket.destroy()
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof Ill) throw error
    if (codeOf(error) === 'ECONNREFUSED')
      throw new Ill(
        'refused',
        `${host} is there, and nothing listens at port ${port}: the relay is not running, or elsewhere.`,
      )
    throw new Ill(
      'no-way',
      `There is no way to ${host}:${port} (${codeOf(error) || 'unknown'}): check this machine's network.`,
    )
  }
}

/** What to do where a private authority is meant, as in a company. */
const OWN = 'where you know whose it is, name its file in NODE_EXTRA_CA_CERTS'

const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired: its operator renews it',
  CERT_NOT_YET_VALID: 'is not valid yet (or the clock here is behind)',
  DEPTH_ZERO_SELF_SIGNED_CERT: `is signed by itself, and nobody here trusts it: ${OWN}`,
  SELF_SIGNED_CERT_IN_CHAIN: `comes from an authority that nobody here trusts: ${OWN}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `comes from an authority that nobody here trusts: ${OWN}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `comes from an authority that nobody here trusts (${OWN}), or without those in between (its operator serves the full chain)`,
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name: use the one that it is for',
}

const checkCertificate = async (place: Place, options: DiagnoseOptions): Promise<void> => {
  const { host, port } = place
  try {
    const socket: TLSSocket = connectTls({ host, port, ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) })
    const secured = await opened(socket, 'secureConnect', place, options)
    secured.destroy()
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof Ill) throw error
    const why = CERTIFICATES[codeOf(error)]
    if (why !== undefined) throw new Ill('certificate', `The certificate of ${host} ${why}.`)
    throw new Ill(
      'no-tls',
      `${host}:${port} does not speak TLS: try ws:// where that is meant, or mend the relay's TLS.`,
    )
  }
}

/** Asks for a WebSocket as a client does, and looks at what comes instead of one. */
const upgrade = async (place: Place, { timeout, signal }: DiagnoseOptions): Promise<void> => {
  const { secure, host, port } = place
  const options: RequestOptions = {
    host,
    port,
    path: '/',
    timeout,
    signal,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'ZGNoYXQgcmVsYXkgZG9jdA==',
    },
  }
  const answer = await new Promise<IncomingMessage | 'upgraded'>((resolve, reject) => {
    const asked = (secure ? requestTls : request)(options)
    asked.once('upgrade', (_, socket) => {
      socket.destroy()
      resolve('upgraded')
    })
    asked.once('response', (response) => {
      response.destroy()
      resolve(response)
    })
    asked.once('timeout', () => {
      asked.destroy()
      reject(new Ill('not-a-relay', `${host}:${port} takes the connection and says nothing: no dchat relay is there.`))
    })
    asked.once('error', (error) => reject(error))
    asked.end()
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof Ill) throw error
    throw secure
      ? new Ill('not-a-relay', `${host}:${port} does not answer as a relay does: something else is there.`)
      : new Ill('wants-tls', `${host}:${port} does not answer in the clear: it wants TLS (wss://), or is no relay.`)
  })
  if (answer !== 'upgraded') throw instead(answer, place)
}

const instead = ({ statusCode = 0, headers }: IncomingMessage, { host }: Place): Ill => {
  if (statusCode === 503 && headers['retry-after'] !== undefined)
    return new Ill('over-quota', `${host} takes no more connections from here for ${headers['retry-after']} s.`)
  if (statusCode === 429) return new Ill('over-quota', `${host} takes no more connections from here for now.`)
  if ([502, 503, 504].includes(statusCode))
    return new Ill(
      'proxy-without-relay',
      `A proxy answers at ${host} (${statusCode}), and the relay behind it does not.`,
    )
  if (statusCode === 400 && headers.upgrade === undefined)
    return new Ill('wants-tls', `${host} refuses what comes in the clear (400): it may want TLS (wss://).`)
  return new Ill(
    'no-websocket',
    `${host} answers as a web server (${statusCode}): a proxy in front does not pass WebSocket on, or it is no relay.`,
  )
}

const speak = async (relay: ReturnType<typeof parseRelayUrl>, options: DiagnoseOptions): Promise<Diagnosis> => {
  const { timeout, signal, key, address } = options
  const link = nodeTransport().link(relay)
  try {
    await link.ready({ timeout, signal })
    const { state } = link
    if (state.state !== 'ready') throw new Ill('no-answer', `${relay} closed the connection.`)
    const relayKey = Buffer.from(state.relayKey).toString('hex')
    const start = performance.now()
    const { name, version: program, time, policy } = await link.request('relay.info', {}, { timeout, signal })
    const roundTrip = performance.now() - start
    const ahead = Math.round(time - Date.now() + roundTrip / 2)
    const found = { relay, relayKey, program: `${name} ${program}`, version: state.version, roundTrip, ahead }
    const ill = (ailment: Ailment, text: string): Diagnosis => ({ ...found, ailment, text })
    if (key !== undefined && key.toLowerCase() !== relayKey)
      return ill('wrong-key', `It is a relay, and not the one that is meant: its key is ${relayKey}.`)
    if (Math.abs(ahead) > CLOCK_APART)
      return ill('clock', `Its clock is ${Math.round(ahead / 1000)} s from the one here: one of the two is wrong.`)
    if (policy === 'invitation' && !(address !== undefined && (await knows(link, address, options))))
      return ill(
        'not-invited',
        'It takes new identities by invitation: ask its operator for one, and use it with "dchat relay join".',
      )
    return { ...found, text: `It works: ${found.program}, protocol ${state.version}, ${roundTrip.toFixed(1)} ms.` }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Ill || !isDchatError(error)) throw error
    throw unspoken(error)
  } finally {
    await link.close()
  }
}

const knows = async (
  link: Pick<ReturnType<ReturnType<typeof nodeTransport>['link']>, 'request'>,
  address: Address,
  { timeout, signal }: DiagnoseOptions,
): Promise<boolean> => (await link.request('identity.get', { address }, { timeout, signal })).logs.length > 0

const unspoken = (error: DchatError): Ill => {
  if (isDchatError(error, 'protocol/unsupported-version')) {
    const { found, supported } = error.details
    const [theirs, ours] = [found.join(', '), supported.join(', ')]
    return new Ill(
      'version',
      `It speaks another version of the protocol (${theirs}; here ${ours}): update the older one.`,
    )
  }
  if (isDchatError(error, 'crypto/bad-signature'))
    return new Ill('wrong-key', 'It does not hold the key that it names: somebody may stand in between.')
  if (isDchatError(error, 'transport/rate-limited'))
    return new Ill('over-quota', `It asks for a pause of ${Math.ceil(error.details.retryAfter / 1000)} s.`)
  const reason = 'reason' in error.details ? String(error.details.reason) : error.message
  return new Ill('not-a-relay', `A WebSocket is there, and no dchat relay behind it: ${reason}.`)
}
