import { resolve } from 'node:path'
import { defineCommand } from '../command/define.ts'
import { BACKUP_PASSPHRASE, BACKUP_SECRET } from './backup-options.ts'

export const exportCommand = defineCommand({
  name: 'export',
  description: 'Write everything of this profile into one encrypted backup file',
  args: { file: { description: 'The new file; it is read back before it gets this name' } },
  options: {
    ...BACKUP_PASSPHRASE,
    overwrite: { type: 'flag', description: 'Replace a file that is there' },
  },
  example: 'dchat export backup.dchat --backup-passphrase-file secret.txt',
  run: async (values, context) => {
    const flags = { file: values['backup-passphrase-file'], fd: values['backup-passphrase-fd'] }
    const [{ secretFor }, { createWholeFile }, { createProgress }] = await Promise.all([
      import('../io/new-secret.ts'),
      import('../io/whole-file.ts'),
      import('../io/progress.ts'),
    ])
    const session = await context.session()
    const file = await createWholeFile(resolve(values.file), values.overwrite)
    const writing = createProgress(context, 'Writing')
    const reading = createProgress(context, 'Reading it back')
    try {
      const passphrase = await secretFor(flags, { ...BACKUP_SECRET, twice: true }, context)
      let bytes = 0
      for await (const part of session.stream('export', { passphrase }, { signal: context.signal })) {
        const content = Buffer.from(part.bytes, 'base64')
        await file.write(content)
        bytes += content.length
        writing.tell(part.done, part.total)
      }
      writing.end()
      const { verifyBackup } = await import('@dchat/sdk')
      const { rows, createdAt } = await verifyBackup({
        source: file.readBack(),
        passphrase,
        signal: context.signal,
        onProgress: ({ done, total }) => reading.tell(done, total),
      })
      await file.keep()
      reading.end()
      const made = { file: resolve(values.file), bytes, rows, created_at: new Date(createdAt).toISOString() }
      await context.out.result(made, `Wrote ${made.file} (${rows} rows, ${bytes} bytes), and read it back.`)
    } finally {
      writing.end()
      reading.end()
      await file.drop()
    }
  },
})
