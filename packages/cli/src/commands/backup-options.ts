import type { NewSecret } from '../io/new-secret.ts'

/** The passphrase of a backup file, which has nothing to do with that of the profile. */
export const BACKUP_PASSPHRASE = {
  'backup-passphrase-file': {
    type: 'text',
    placeholder: 'P|-',
    description: "Read the backup's passphrase from a file or stdin",
  },
  'backup-passphrase-fd': {
    type: 'whole',
    placeholder: 'N',
    min: 0,
    max: 1_000_000,
    description: "Read the backup's passphrase from an open file descriptor",
  },
} as const

export const BACKUP_SECRET = { flag: '--backup-passphrase', question: 'Passphrase of the backup' } satisfies Omit<
  NewSecret,
  'twice'
>
