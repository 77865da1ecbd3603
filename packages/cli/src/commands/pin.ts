import { MESSAGE_ARG, patienceOf } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'

export const pin = defineCommand({
  name: 'pin',
  description: 'Pin a message for everybody in the conversation',
  args: { message: MESSAGE_ARG },
  options: { off: { type: 'flag', description: 'Take the pin off' } },
  example: 'dchat pin 01a2b3…',
  run: async ({ message, off }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('pin', { message, off, ...patienceOf(globals) }, { signal })
    await out.result({ ...done, off }, off ? 'The pin is off.' : 'Pinned.')
  },
})
