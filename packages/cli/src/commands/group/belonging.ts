import { GROUP_ARG, patienceOf, WAIT_OPTION } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { chatFields } from '../../io/chat-lines.ts'
import { invitationFields, invitationText } from '../../io/message-lines.ts'
import { oneLine } from '../../io/text.ts'

export const groupInvitations = defineCommand({
  name: 'group invitations',
  description: 'List the groups that you were asked into and have not entered',
  args: {},
  options: { offline: { type: 'flag', description: 'Only what is stored here; ask no relay' } },
  example: 'dchat group invitations --json',
  run: async ({ offline }, { session, out, globals, signal }) => {
    const { stream } = await session()
    for await (const asked of stream('group.invitations', { offline, ...patienceOf(globals) }, { signal }))
      await out.item('invitation', invitationFields(asked), invitationText(asked, out.style))
    await out.end()
  },
})

export const groupAccept = defineCommand({
  name: 'group accept',
  description: 'Enter a group that you were asked into',
  args: { group: GROUP_ARG },
  options: {},
  example: "dchat group accept 'Mountain trip'",
  run: async ({ group }, { session, out, globals, signal }) => {
    const { call } = await session()
    const chat = await call('group.accept', { group, ...patienceOf(globals) }, { signal })
    await out.result(chatFields(chat), `You are in "${oneLine(chat.title ?? group)}".`)
  },
})

export const groupDecline = defineCommand({
  name: 'group decline',
  description: 'Turn an invitation to a group down; the group is told',
  args: { group: GROUP_ARG },
  options: { wait: WAIT_OPTION },
  example: "dchat group decline 'Mountain trip'",
  run: async ({ group, wait = 'sent' }, { session, out, globals, signal }) => {
    const { call } = await session()
    await out.result(await call('group.decline', { group, wait, ...patienceOf(globals) }, { signal }), 'Declined.')
  },
})

export const groupLeave = defineCommand({
  name: 'group leave',
  description: 'Leave a group; what you have of it stays readable',
  args: { group: GROUP_ARG },
  options: { wait: WAIT_OPTION },
  example: "dchat group leave 'Mountain trip'",
  run: async ({ group, wait = 'sent' }, { session, out, globals, signal }) => {
    const { call } = await session()
    await out.result(await call('group.leave', { group, wait, ...patienceOf(globals) }, { signal }), 'You left.')
  },
})
