import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { type Check, fail, ok, warn } from './check.ts'

const DAY = 24 * 60 * 60 * 1000
/** Days before its end from which on somebody should know. Renewals usually come with 30 left. */
const SOON = 14

/** What is wrong with a certificate, by the codes of OpenSSL and Node, and what to do. */
const FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired: renew it',
  CERT_NOT_YET_VALID: 'is not valid yet: look at the clock of this machine',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself, and no client trusts it: get one from an authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that clients do not know: get one from a public one',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that clients do not know, or without its chain',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'comes without its chain, or from an authority that clients do not know: serve the full chain of a public one',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name than the one in publicUrl',
}

export interface TlsPlace {
  readonly host: string
  readonly port: number
}

/** Looks at the certificate that is shown there as a client does, and at how long it still holds. */
export const checkCertificate = async (place: TlsPlace, signal: AbortSignal, now: number): Promise<Check> => {
  const name = isIP(place.host) === 0 ? { servername: place.host } : {}
  const socket: TLSSocket = connect({ ...place, ...name, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect', { signal })
    const fault = socket.authorizationError as unknown as string | undefined
    const { valid_to: until } = socket.getPeerCertificate()
    return certificateCheck(fault, Date.parse(until), now)
  } catch (error) {
    const { code = 'no answer' } = error as { code?: string | number }
    return fail('certificate', `No TLS is spoken at ${place.host}:${place.port} (${code}): see what terminates it.`)
  } finally {
    socket.destroy()
  }
}

/** `fault`: the code of a failed verification; `until`: ms since 1970 at which it ends. */
export const certificateCheck = (fault: string | null | undefined, until: number, now: number): Check => {
  if (fault) return fail('certificate', `The certificate ${FAULTS[fault] ?? `cannot be verified (${fault})`}.`)
  const days = Math.floor((until - now) / DAY)
  return days < SOON
    ? warn('certificate', `The certificate holds for ${days} more days: see why it was not renewed.`)
    : ok('certificate', `The certificate is trusted and holds for ${days} more days.`)
}
