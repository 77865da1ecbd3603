import { stat } from 'node:fs/promises'
import type { Client } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { openClient } from './open-client.ts'
import { askPassphrase, socketOf } from './open-session.ts'
import { createOwner } from './owner.ts'
import type { Peer } from './peer.ts'

/**
 * Opens the profile for a program that works with its client, and serves the other commands beside it. Closing the owner
 * closes the client. Throws `identity/none`, `storage/in-use` and the errors of the store.
 */
export const openAsOwner = async (context: Context): Promise<{ readonly client: Client; readonly owner: Peer }> => {
  const profile = await context.profile()
  if (!(await stat(profile.directory).catch(() => undefined))?.isDirectory())
    throw new DchatError('identity/none', { profile: profile.name })
  const unlock = { passphrase: () => context.passphrase(), ask: askPassphrase(context) }
  const client = await openClient(profile, unlock, { strangers: 'allow' })
  const socket = context.globals['no-daemon'] ? undefined : socketOf(profile, context)
  return { client, owner: await createOwner(client, { socket, note: context.out.note, detail: context.out.detail }) }
}
