import { type Clock, DchatError, INVITATION_LENGTH } from '@dchat/sdk/wire'
import { resultOf } from './commit/job.ts'
import { type InvitationState, invitationHash, invitationId, invitationState } from './policy/invitations.ts'
import type { Store, StoredInvitation } from './store/store.ts'

/** What an operator sees of an invitation. Times in ms since 1970. */
export interface InvitationView {
  /** Names it; says nothing of its secret. */
  readonly id: string
  readonly note: string
  readonly state: InvitationState
  readonly uses: number
  readonly used: number
  readonly createdAt: number
  readonly expiresAt: number | null
}

export interface InvitationOptions {
  /** Identities that it admits, 1 to 100,000; default 1. */
  readonly uses?: number
  /** ms for which it holds; null: for ever. Default: a week. */
  readonly lifetime?: number | null
  /** For the operator alone; at most 200 characters. */
  readonly note?: string
}

/** The invitations of a relay, for its operator. */
export interface Invitations {
  /** The secret is given out here and never again: the relay keeps its hash. Throws `usage/invalid-argument`. */
  create(options?: InvitationOptions): Promise<InvitationView & { readonly secret: Uint8Array }>
  /** Oldest first. */
  list(): Promise<readonly InvitationView[]>
  /** It admits nobody from now on; whom it has admitted stays. Throws `usage/invalid-argument` for an unknown id. */
  revoke(id: string): Promise<InvitationView>
}

/** What invitations need of a store: that of a relay, or its database beside it. */
export type InvitationStore = Pick<Store, 'invitations' | 'commit'>

const WEEK = 7 * 24 * 60 * 60 * 1000
const USES_LIMIT = 100_000
const NOTE_LIMIT = 200

const invalid = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

export const createInvitations = (
  store: InvitationStore,
  clock: Pick<Clock, 'now'>,
  random: (length: number) => Uint8Array,
): Invitations => {
  const viewOf = (held: StoredInvitation): InvitationView => {
    const { hash, note, uses, used, createdAt, expiresAt } = held
    return { id: invitationId(hash), note, state: invitationState(held, clock.now()), uses, used, createdAt, expiresAt }
  }
  return {
    create: async ({ uses = 1, lifetime = WEEK, note = '' } = {}) => {
      if (!Number.isInteger(uses) || uses < 1 || uses > USES_LIMIT)
        throw invalid('uses', `it is a whole number from 1 to ${USES_LIMIT}`)
      if (lifetime !== null && !(lifetime > 0)) throw invalid('lifetime', 'it must be longer than nothing')
      if (note.length > NOTE_LIMIT) throw invalid('note', `it has more than ${NOTE_LIMIT} characters`)
      const secret = random(INVITATION_LENGTH)
      const createdAt = clock.now()
      const expiresAt = lifetime === null ? null : Math.round(createdAt + lifetime)
      const invitation = { hash: invitationHash(secret), note, uses, createdAt, expiresAt }
      for (const outcome of await store.commit([{ type: 'invitation.put', invitation }])) resultOf(outcome)
      return { ...viewOf({ ...invitation, used: 0, revokedAt: null }), secret }
    },
    list: async () => (await store.invitations()).map(viewOf),
    revoke: async (id) => {
      const held = (await store.invitations()).find(({ hash }) => invitationId(hash) === id)
      if (held === undefined) throw invalid('id', 'there is no such invitation')
      const time = clock.now()
      for (const outcome of await store.commit([{ type: 'invitation.revoke', hash: held.hash, time }]))
        resultOf(outcome)
      return viewOf({ ...held, revokedAt: held.revokedAt ?? time })
    },
  }
}
