import { GROUP_ARG, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'

export const groupLift = defineCommand({
  name: 'group lift',
  description: 'Let changes of a group be made without the approval of owners and admins again',
  args: { group: GROUP_ARG },
  options: {},
  example: "dchat group lift 'Mountain trip'",
  run: async ({ group }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('group.lift', { group, ...patienceOf(globals) }, { signal })
    await out.result({ ...done, approval: null }, 'Changes need nobody’s approval any more.')
  },
})
