import { relockStore, type Unlock } from '@dchat/sdk'
import { isDchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { named, unlockBy } from './open-client.ts'
import { askPassphrase } from './open-session.ts'

/**
 * Changes what locks the profile. Nobody may have its store open: who has it would go on, and the person would believe that
 * the old passphrase is of no use any more.
 */
export const relock = async (context: Context, wanted: () => Promise<Unlock>): Promise<void> => {
  const profile = await context.profile()
  const given = await context.passphrase()
  const next = await wanted()
  const change = (passphrase: string | undefined): Promise<void> =>
    relockStore({ store: profile.directory, unlock: unlockBy(passphrase), next: [next] })
  const ask = askPassphrase(context)
  try {
    await change(given).catch(async (error: unknown) => {
      if (!isDchatError(error, 'identity/locked') || given !== undefined || ask === undefined) throw error
      await change(await ask())
    })
  } catch (error) {
    throw named(error, profile)
  }
  const protection = 'passphrase' in next ? 'passphrase' : 'key-file'
  const text =
    protection === 'passphrase'
      ? 'From now on the new passphrase opens this profile, and nothing else.'
      : 'From now on a key file opens this profile: only file permissions protect it.'
  await context.out.result({ profile: profile.name, protection }, text)
}
