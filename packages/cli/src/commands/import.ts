import { defineCommand } from '../command/define.ts'
import { BACKUP_PASSPHRASE } from './backup-options.ts'

export const importCommand = defineCommand({
  name: 'import',
  description: 'Read a backup file into a new profile; run again, it goes on where it was stopped',
  args: { file: { description: 'A file that "dchat export" wrote' } },
  options: BACKUP_PASSPHRASE,
  example: 'dchat import backup.dchat --profile work --backup-passphrase-file secret.txt',
  run: async (values, context) => {
    const flags = { file: values['backup-passphrase-file'], fd: values['backup-passphrase-fd'] }
    const { importProfile } = await import('../session/import-profile.ts')
    await importProfile(context, values.file, flags)
  },
})
