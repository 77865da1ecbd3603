import { readSecret } from '../io/secrets.ts'
import type { Context } from './context.ts'

const NAME = '--invitation'

/** Never the link itself: other programs of the machine see arguments. */
export const INVITATION_OPTION = {
  type: 'text',
  placeholder: 'P|-',
  description: 'Read an invitation to a relay (wss://relay.example#…) from a file or stdin',
} as const

/** The link that the option names. Throws `usage/invalid-argument`. */
export const invitationOf = async (path: string | undefined, context: Context): Promise<string | undefined> =>
  path === undefined ? undefined : readSecret(path, NAME, () => context.stdin(NAME))
