import { type Client, parseRelayInvitation, parseRelayUrl, type RelayUrl } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { writeProfileConfig } from '../config/config.ts'

/** ms for telling the relays; one that is away is told by the next command that connects. */
const PUBLISH = 10_000

/** What a command that made a profile prints of it. */
interface NewProfile {
  readonly profile: string
  readonly address: string
  readonly device: string
  readonly relays: readonly string[]
  /** True if a relay knows of it now, so that others can write to it. */
  readonly published: boolean
}

/**
 * The relays that the command names, and that of an invitation. Without any it throws `usage/invalid-argument` with these
 * words.
 */
export const relaysOf = async (
  context: Context,
  reason: string,
  hint: string,
  invitation?: string,
): Promise<readonly RelayUrl[]> => {
  const invited = invitation === undefined ? [] : [parseRelayInvitation(invitation).relay]
  const named = (await context.relays()).map((relay) => parseRelayUrl(relay))
  const relays = [...new Set([...named, ...invited])]
  if (relays.length === 0) throw new DchatError('usage/invalid-argument', { name: '--relay', reason }, { hint })
  return relays
}

const publish = async (client: Client, timeout: number, signal: AbortSignal): Promise<boolean> => {
  try {
    await client.connect({ timeout, signal })
    return true
  } catch (error) {
    if (isDchatError(error, 'transport/unreachable') || isDchatError(error, 'transport/unconfirmed')) return false
    throw error
  }
}

/** Writes down where a fresh profile is at home, tells its relays, and says on stderr what people should know of it. */
export const settleProfile = async (
  client: Client,
  context: Context,
  relays: readonly string[],
  invitation?: string,
): Promise<NewProfile> => {
  const { out, globals, signal, directories } = context
  const { name } = await context.profile()
  await writeProfileConfig(directories.config, name, { relays })
  if ((await context.passphrase()) === undefined)
    out.note('The store is locked by a key file, so only file permissions protect it; --passphrase-file asks for more.')
  if (invitation !== undefined) await client.links.join(invitation, { timeout: globals.timeout ?? PUBLISH, signal })
  const published = await publish(client, globals.timeout ?? PUBLISH, signal)
  for (const { relay, uninvited } of await client.links.health())
    if (uninvited)
      out.note(`${relay} takes people by invitation: ask its operator for one, and use it with "dchat relay join".`)
  if (!published)
    out.note(
      'No relay could be reached yet (see "dchat relay doctor"); the next command that connects makes you known there.',
    )
  const { address, device } = client
  return { profile: name, address, device, relays, published }
}
