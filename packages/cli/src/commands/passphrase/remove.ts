import { defineCommand } from '../../command/define.ts'

export const passphraseRemove = defineCommand({
  name: 'passphrase remove',
  description: 'Lock the profile by a key file instead: only file permissions protect it then',
  args: {},
  options: {},
  example: 'dchat passphrase remove --passphrase-file old.txt',
  run: async (_, context) => {
    const { relock } = await import('../../session/relock.ts')
    await relock(context, async () => ({ keyFile: true }))
  },
})
