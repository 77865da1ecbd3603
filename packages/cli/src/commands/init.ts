import { defineCommand } from '../command/define.ts'
import { INVITATION_OPTION, invitationOf } from '../command/invitation-option.ts'

export const init = defineCommand({
  name: 'init',
  description: 'Create an identity: a key pair that is yours alone',
  args: {},
  options: {
    'show-phrase': { type: 'flag', description: 'Show the recovery phrase on stderr, also without a terminal' },
    invitation: INVITATION_OPTION,
    'phrase-file': { type: 'text', placeholder: 'P', description: 'Write the recovery phrase to this new file (0600)' },
  },
  example: 'dchat init --relay wss://relay.example',
  run: async (values, context) => {
    const { makeProfile } = await import('../session/make-profile.ts')
    await makeProfile(context, {
      phraseFile: values['phrase-file'],
      showPhrase: values['show-phrase'],
      invitation: await invitationOf(values.invitation, context),
    })
  },
})
