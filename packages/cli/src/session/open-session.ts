import { DchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import type { Profile } from '../config/profile.ts'
import { acquire } from './acquire.ts'
import type { AttachOptions } from './attach.ts'
import { attach } from './attach.ts'
import type { Peer } from './peer.ts'
import type { Session } from './session.ts'
import { createSession } from './session.ts'
import { socketPaths } from './socket-path.ts'

/** ms to wait for a process that holds the store but does not answer on the socket (yet, or no longer). */
const OWNER_PATIENCE = 10_000

/** Where the owner of a profile listens, or will. */
export const socketOf = (profile: Profile, context: Context): AttachOptions => ({
  paths: socketPaths(profile, context.host),
  store: profile.directory,
  uid: context.host.uid,
  signal: context.signal,
})

/** As the SDK writes it, so that two spellings of one relay agree. */
const normal = (relay: string): string => {
  try {
    return new URL(relay).href.replace(/\/+$/, '')
  } catch {
    return relay
  }
}

/** Home relays belong to the identity: a flag that names others must not be passed over in silence. */
const check = async (peer: Peer, wanted: readonly string[]): Promise<Peer> => {
  if (wanted.every((relay) => peer.relays.includes(normal(relay)))) return peer
  await peer.close()
  throw new DchatError(
    'usage/invalid-argument',
    { name: '--relay', reason: 'the identity of this profile has other relays' },
    { hint: 'Leave --relay out; "dchat whoami" shows the relays.' },
  )
}

/** Nothing is asked where nobody sits. */
export const askPassphrase = (context: Context): (() => Promise<string>) | undefined => {
  const { host, globals, signal } = context
  if (globals['no-input'] || host.stdin.isTTY !== true) return undefined
  return async () => {
    const { askSecret } = await import('../io/prompt.ts')
    return askSecret('Passphrase (not shown): ', context.stdin('the terminal'), host.stderr, signal)
  }
}

/** Everything that needs the SDK's weight loads here, and only for the process that becomes the owner. */
const own = async (profile: Profile, context: Context, socket: AttachOptions | undefined): Promise<Peer> => {
  const [{ openClient }, { createOwner }] = await Promise.all([import('./open-client.ts'), import('./owner.ts')])
  const client = await openClient(profile, { passphrase: () => context.passphrase(), ask: askPassphrase(context) })
  return createOwner(client, { socket, note: context.out.note, detail: context.out.detail })
}

export const openSession = (context: Context, profile: Profile): Session => {
  const alone = context.globals['no-daemon']
  const socket = alone ? undefined : socketOf(profile, context)
  return createSession(async () => {
    const peer = await acquire({
      join: async () => (socket === undefined ? undefined : attach(socket)),
      own: () => own(profile, context, socket),
      patience: alone ? 0 : Math.min(OWNER_PATIENCE, context.globals.timeout ?? OWNER_PATIENCE),
      signal: context.signal,
    })
    return check(peer, context.globals.relay)
  })
}
