import { DchatError, hashOf, toHex } from '@dchat/sdk/wire'
import type { StoredInvitation } from '../store/store.ts'

/** What is kept of an invitation's secret. It has 128 random bits, so a plain hash hides it. */
export const invitationHash = (secret: Uint8Array): Uint8Array => hashOf('relay-invitation', [secret])

/** By which an operator names an invitation; it says nothing of the secret. */
export const invitationId = (hash: Uint8Array): string => toHex(hash.subarray(0, 6))

export type InvitationState = 'open' | 'used-up' | 'expired' | 'revoked'

export const invitationState = (
  { uses, used, expiresAt, revokedAt }: Omit<StoredInvitation, 'hash' | 'note' | 'createdAt'>,
  now: number,
): InvitationState => {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt !== null && expiresAt <= now) return 'expired'
  return used >= uses ? 'used-up' : 'open'
}

const REASONS: Readonly<Record<Exclude<InvitationState, 'open'> | 'none' | 'unknown', string>> = {
  none: 'none was shown',
  unknown: 'this one is not known here',
  'used-up': 'this one is used up',
  expired: 'this one has expired',
  revoked: 'this one was taken back',
}

export const notInvited = (why: keyof typeof REASONS) => new DchatError('relay/not-invited', { reason: REASONS[why] })

/** Throws `relay/not-invited` unless the invitation admits one more at `now`. */
export const needOpen = (held: StoredInvitation | undefined, now: number): void => {
  const state = held === undefined ? 'unknown' : invitationState(held, now)
  if (state !== 'open') throw notInvited(state)
}
