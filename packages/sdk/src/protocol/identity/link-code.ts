import { DchatError, isDchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { concat, utf8 } from '../../util/bytes.ts'
import { hashOf } from '../wire/cbor.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'

/** Crockford's base 32: no I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Letters of a short code: the first say where the two meet, and all of them are the secret. */
const CODE_LETTERS = 9
const MEETING_LETTERS = 4
/** Letters of a QR text's secret: 128 bits. */
const SECRET_LETTERS = 26
const SCHEME = 'dchat-link:'
const LIMIT = 1024

/** What a code says: the slot of the rendezvous, and the secret of both sides. */
export interface LinkCode {
  /** 16 bytes. */
  readonly slot: Uint8Array
  readonly prs: Uint8Array
  /** Where they meet; a short code does not say it. */
  readonly relay?: RelayUrl
}

const bad = (reason: string) => new DchatError('usage/invalid-argument', { name: 'code', reason })

const slotOf = (meeting: string): Uint8Array => hashOf('link-slot', meeting).subarray(0, 16)

/** Five bits of each byte: every letter is equally likely. */
const letters = (random: (length: number) => Uint8Array, count: number): string =>
  [...random(count)].map((byte) => ALPHABET[byte & 31]).join('')

/** As a person may type it: small letters, spaces and hyphens, and the letters that look like digits. */
const normal = (text: string): string =>
  text.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replaceAll('O', '0')

const read = (text: string, count: number): string => {
  const code = normal(text)
  if (code.length !== count) throw bad(`it has ${code.length} letters instead of ${count}`)
  if ([...code].some((letter) => !ALPHABET.includes(letter))) throw bad('it holds a letter that no code has')
  return code
}

const shortCode = (code: string): LinkCode => ({ slot: slotOf(code.slice(0, MEETING_LETTERS)), prs: utf8(code) })
const longCode = (secret: string, relay: RelayUrl): LinkCode => ({ slot: slotOf(secret), prs: utf8(secret), relay })

/** `ABC-DEF-GHJ` */
export const formatShortCode = (code: string): string => (code.match(/.{1,3}/g) ?? []).join('-')

export const newShortCode = (random: (length: number) => Uint8Array): string => letters(random, CODE_LETTERS)
export const newLinkSecret = (random: (length: number) => Uint8Array): string => letters(random, SECRET_LETTERS)

export const formatLinkText = (secret: string, relay: RelayUrl): string =>
  `${SCHEME}${secret}?r=${encodeURIComponent(relay)}`

/** True for the text of a QR code, false for what can only be a short code. */
const isLinkText = (text: string): boolean => text.trim().slice(0, SCHEME.length).toLowerCase() === SCHEME

const relayOf = (text: string): RelayUrl => {
  try {
    return parseRelayUrl(decodeURIComponent(text))
  } catch (cause) {
    if (!isDchatError(cause) && !(cause instanceof URIError)) throw cause
    throw bad('its relay is not valid')
  }
}

const parseLinkText = (text: string): LinkCode => {
  if (text.length > LIMIT) throw bad(`it is longer than ${LIMIT} characters`)
  const [secret = '', query = ''] = text.slice(SCHEME.length).split('?', 2)
  const relay = query.split('&').find((parameter) => parameter.startsWith('r='))
  if (relay === undefined) throw bad('it names no relay')
  return longCode(read(secret, SECRET_LETTERS), relayOf(relay.slice(2)))
}

/** The text of a QR code (`dchat-link:…`) or a short code. Throws `usage/invalid-argument`. */
export const parseLinkCode = (text: string): LinkCode => {
  const given = text.trim()
  if (isLinkText(given)) return parseLinkText(given)
  if (given.length > LIMIT) throw bad(`it is longer than ${LIMIT} characters`)
  return shortCode(read(given, CODE_LETTERS))
}

/** What the pairing is for, and between whom: no key of it fits anywhere else. */
export const LINK_CHANNEL = concat(utf8('dchat/device-link/v1'), new Uint8Array(1), utf8('new, old'))
