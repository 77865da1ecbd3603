import { defineCommand } from '../../command/define.ts'

export const passphraseSet = defineCommand({
  name: 'passphrase set',
  description: 'Lock the profile by a passphrase, or by another one',
  args: {},
  options: {
    'new-passphrase-file': {
      type: 'text',
      placeholder: 'P|-',
      description: 'Read the new passphrase from a file or stdin',
    },
    'new-passphrase-fd': {
      type: 'whole',
      placeholder: 'N',
      min: 0,
      max: 1_000_000,
      description: 'Read the new passphrase from an open file descriptor',
    },
  },
  example: 'dchat passphrase set --new-passphrase-file new.txt',
  run: async (values, context) => {
    const flags = { file: values['new-passphrase-file'], fd: values['new-passphrase-fd'] }
    const [{ relock }, { secretFor }] = await Promise.all([
      import('../../session/relock.ts'),
      import('../../io/new-secret.ts'),
    ])
    const wanted = { flag: '--new-passphrase', question: 'New passphrase', twice: true }
    await relock(context, async () => ({ passphrase: await secretFor(flags, wanted, context) }))
  },
})
