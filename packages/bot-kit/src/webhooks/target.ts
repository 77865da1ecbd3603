import { lookup as lookUp } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { DchatError } from '@dchat/sdk/errors'
import ipaddr from 'ipaddr.js'

/** Where webhooks may go: to public addresses only, whatever a name says now or later. */

export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** The addresses of a name; the platform's way unless a test has its own. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>

const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookUp(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })

const forbidden = (host: string, reason: string): DchatError =>
  new DchatError('webhook/forbidden-target', { host: host.slice(0, 253), reason })

/** Loopback, private, link-local, carrier-grade, mapped, reserved: everything that is not for all of the internet. */
const isPublic = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'

/** `[::1]` is written with brackets in addresses of the web. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '')

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'http:' ? '80' : '443')

/** The host and port of an address, as `allowPrivateTargets` names them. Throws `webhook/forbidden-target`. */
export const hostOf = (address: string): string => {
  if (!URL.canParse(address)) throw forbidden('this address', 'it cannot be read')
  const url = new URL(address)
  return `${url.hostname}:${portOf(url)}`
}

export interface Target {
  readonly url: URL
  /** The operator named this host and port: nothing about its address is checked. */
  readonly trusted: boolean
}

/**
 * The target of a webhook, checked as far as it can be without a look at its name's addresses. `allowPrivateTargets` are
 * hosts with ports, as `127.0.0.1:3000`: they may be private, and without TLS. Throws `webhook/forbidden-target`.
 */
export const checkTarget = (address: string, allowPrivateTargets: readonly string[] = []): Target => {
  if (!URL.canParse(address)) throw forbidden('this address', 'it cannot be read')
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') throw forbidden(url.hostname, 'it names a user')
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  if (isWeb && allowPrivateTargets.includes(`${url.hostname}:${portOf(url)}`)) return { url, trusted: true }
  if (url.protocol !== 'https:') throw forbidden(url.hostname || 'this address', 'it is not https')
  const host = bare(url.hostname)
  // A literal address is never looked up, so this is the only look at it.
  if (ipaddr.isValid(host) && !isPublic(host)) throw forbidden(host, 'it is not a public address')
  return { url, trusted: false }
}

/**
 * The look-up of a connection that is about to be made: every address of the name must be public, and what was looked at is
 * what is connected to, so a name that changes in between gains nothing.
 */
export const guardedLookup =
  (resolve: Resolve = systemResolve): LookupFunction =>
  (host, { all = false, family }, done) => {
    const found = resolve(host).then((addresses) => {
      const [first] = addresses
      if (first === undefined) throw forbidden(host, 'it has no address')
      if (!addresses.every(({ address }) => isPublic(address))) throw forbidden(host, 'it is not a public address')
      const wanted = addresses.filter((one) => (family !== 4 && family !== 6 ? true : one.family === family))
      return { first: wanted[0] ?? first, wanted }
    })
    found.then(
      ({ first, wanted }) => (all ? done(null, [...wanted]) : done(null, first.address, first.family)),
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    )
  }
