import { MESSAGE_ARG, patienceOf, WAIT_OPTION } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'

export const deleteMessage = defineCommand({
  name: 'delete',
  description: 'Delete a message for everybody: your own, or in a group what your role allows',
  args: { message: MESSAGE_ARG },
  options: { wait: WAIT_OPTION },
  example: 'dchat delete 01a2b3…',
  run: async ({ message, wait = 'sent' }, { session, out, globals, signal }) => {
    const { call } = await session()
    await out.result(await call('delete', { message, wait, ...patienceOf(globals) }, { signal }), 'Deleted.')
  },
})
