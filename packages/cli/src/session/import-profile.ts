import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { importBackup } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { Context } from '../command/context.ts'
import { BACKUP_SECRET } from '../commands/backup-options.ts'
import { privateDirectory } from '../config/config.ts'
import { secretFor } from '../io/new-secret.ts'
import { createProgress } from '../io/progress.ts'
import type { PassphraseFlags } from '../io/secrets.ts'
import { named, OWNER, unlockBy } from './open-client.ts'

/** Throws `usage/invalid-argument` before anybody is asked for a passphrase. */
const assertReadable = async (path: string): Promise<void> => {
  try {
    await (await open(path, 'r')).close()
  } catch (cause) {
    throw new DchatError('usage/invalid-argument', { name: 'file', reason: `${path} cannot be read` }, { cause })
  }
}

/** Reads a backup into the profile, which must be new, or what an earlier try left of it, and prints whose it is. */
export const importProfile = async (context: Context, path: string, flags: PassphraseFlags): Promise<void> => {
  const { out, signal, directories } = context
  await assertReadable(path)
  const profile = await context.profile()
  const passphrase = await secretFor(flags, { ...BACKUP_SECRET, twice: false }, context)
  const lock = await context.passphrase()
  await privateDirectory(directories.data)
  const progress = createProgress(context, 'Reading')
  try {
    const { address, rows, createdAt } = await importBackup({
      source: createReadStream(path) as AsyncIterable<Uint8Array>,
      passphrase,
      store: profile.directory,
      unlock: unlockBy(lock),
      owner: OWNER,
      signal,
      onProgress: ({ done, total }) => progress.tell(done, total),
    })
    progress.end()
    if (lock === undefined)
      out.note(
        'The store is locked by a key file, so only file permissions protect it; --passphrase-file asks for more.',
      )
    const created = new Date(createdAt).toISOString()
    const protection = lock === undefined ? 'key-file' : 'passphrase'
    await out.result({ profile: profile.name, address, rows, created_at: created, protection }, address)
  } catch (error) {
    throw named(error, profile)
  } finally {
    progress.end()
  }
}
