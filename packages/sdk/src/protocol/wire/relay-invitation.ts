import { DchatError } from '../../errors.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { INVITATION_LENGTH } from './limits.ts'
import { parseRelayUrl, RELAY_URL_LIMIT } from './relay-url.ts'

/** What an operator gives to somebody who shall be at home at a relay that takes people by invitation. */
export interface RelayInvitation {
  readonly relay: RelayUrl
  /** Whoever has it may use it. */
  readonly secret: Uint8Array
}

const bad = (reason: string) => new DchatError('usage/invalid-argument', { name: 'invitation', reason })

/** `wss://relay.example#<secret>`: what stands behind the # is sent to no server by whoever follows the link. */
export const formatRelayInvitation = ({ relay, secret }: RelayInvitation): string => `${relay}#${toHex(secret)}`

/** Throws `usage/invalid-argument`; the secret stands in no error. */
export const parseRelayInvitation = (text: string): RelayInvitation => {
  const link = text.trim()
  if (link.length > 2 * RELAY_URL_LIMIT) throw bad('it is too long')
  const mark = link.indexOf('#')
  if (mark < 0) throw bad('there is no secret behind a # in it')
  const secret = fromHex(link.slice(mark + 1))
  if (secret?.length !== INVITATION_LENGTH) throw bad('its secret is not whole')
  return { relay: parseRelayUrl(link.slice(0, mark)), secret }
}
