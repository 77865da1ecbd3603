import { DchatError } from '@dchat/sdk/errors'
import { defineCommand } from '../../command/define.ts'
import { INVITATION_OPTION, invitationOf } from '../../command/invitation-option.ts'

export const relayJoin = defineCommand({
  name: 'relay join',
  description: 'Use an invitation to a relay that takes people by invitation, so that it can be your home',
  args: {},
  options: { invitation: INVITATION_OPTION },
  example: 'dchat relay join --invitation invitation.txt',
  run: async (values, context) => {
    const invitation = await invitationOf(values.invitation, context)
    if (invitation === undefined)
      throw new DchatError(
        'usage/invalid-argument',
        { name: '--invitation', reason: 'it is missing' },
        { hint: 'Put the link that the operator gave you into a file, or pass it on stdin with --invitation -.' },
      )
    const { session, out, globals, signal } = context
    const { timeout } = globals
    const wish = { invitation, ...(timeout === undefined ? {} : { timeout }) }
    const { relay } = await (await session()).call('relay.join', wish, { signal })
    await out.result({ relay }, `${relay} knows you now.`)
  },
})
