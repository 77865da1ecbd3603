import { DchatError, formatRelayInvitation, parseRelayUrl } from '@dchat/sdk/wire'
import type { Config } from '../config/schema.ts'
import { createInvitations, type Invitations, type InvitationView } from '../invitations.ts'
import { relayCrypto, systemClock } from '../platform.ts'
import { invitationsBeside } from '../store/beside.ts'
import type { Output } from './output.ts'

const DAY = 24 * 60 * 60 * 1000

const lineOf = ({ createdAt, expiresAt, ...rest }: InvitationView) => ({
  ...rest,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
})

const using = <T>({ data }: Config, work: (invitations: Invitations) => Promise<T>): Promise<T> =>
  invitationsBeside(data, (store) => work(createInvitations(store, systemClock, relayCrypto().random)))

export interface InviteOptions {
  readonly uses?: number | undefined
  /** 0: it does not expire. */
  readonly days?: number | undefined
  readonly note?: string | undefined
}

/** Makes an invitation, while the relay runs or not, and prints its link: the only time that the secret is seen. */
export const invite = async (
  config: Config,
  { uses = 1, days = 7, note = '' }: InviteOptions,
  { data, say }: Output,
): Promise<void> => {
  if (config.publicUrl === undefined)
    throw new DchatError(
      'usage/invalid-argument',
      {
        name: 'publicUrl',
        reason: 'it is not set, and an invitation names the address under which the relay is reached',
      },
      { hint: 'Set publicUrl, or add --public-url wss://….' },
    )
  const relay = parseRelayUrl(config.publicUrl)
  const lifetime = days === 0 ? null : days * DAY
  const { secret, ...view } = await using(config, (invitations) => invitations.create({ uses, lifetime, note }))
  data({ ...lineOf(view), link: formatRelayInvitation({ relay, secret }) })
  say('Whoever has the link may use it, and it is not shown again: hand it over as you would a password.')
  if (config.policy === 'open')
    say('This relay is open: it takes people without invitations until policy is "invitation".')
}

/** One line for each invitation, oldest first. */
export const listInvitations = async (config: Config, { data }: Output): Promise<void> => {
  for (const view of await using(config, (invitations) => invitations.list())) data(lineOf(view))
}

/** Takes an invitation back; whom it has admitted stays. */
export const revokeInvitation = async (config: Config, id: string, { data, say }: Output): Promise<void> => {
  data(lineOf(await using(config, (invitations) => invitations.revoke(id))))
  say('It admits nobody from now on.')
}
