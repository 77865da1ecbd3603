import { DchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'

/** Characters of a relay's URL, at most. */
export const RELAY_URL_LIMIT = 256

const bad = (reason: string) => new DchatError('usage/invalid-argument', { name: 'relay', reason })

const parsed = (text: string): URL => {
  try {
    return new URL(text)
  } catch (cause) {
    throw new DchatError('usage/invalid-argument', { name: 'relay', reason: 'it is not a URL' }, { cause })
  }
}

/**
 * A relay's base URL, normalised: lower-case host, no default port, no slash at the end. `ws://` is allowed
 * everywhere, because a relay sees nothing readable; production relays use `wss://`.
 * Throws `usage/invalid-argument`.
 */
export const parseRelayUrl = (text: string): RelayUrl => {
  const trimmed = text.trim()
  if (trimmed.length > RELAY_URL_LIMIT) throw bad(`it is longer than ${RELAY_URL_LIMIT} characters`)
  if (!/^wss?:\/\//i.test(trimmed)) throw bad('it must begin with ws:// or wss://')
  // A URL parser drops tabs and line breaks silently and turns a backslash into a slash.
  if (/[\s\\\p{Cc}]/u.test(trimmed)) throw bad('it holds a space, a backslash or a control character')
  if (/[?#]/.test(trimmed)) throw bad('it must end with the path, without ? and #')
  if (trimmed.includes('@')) throw bad('it must not name a user')
  const url = parsed(trimmed)
  if (url.hostname === '') throw bad('it names no host')
  const normal = url.href.replace(/\/+$/, '')
  if (normal.length > RELAY_URL_LIMIT) throw bad(`it is longer than ${RELAY_URL_LIMIT} characters`)
  return normal as RelayUrl
}
