import { randomUUID } from 'node:crypto'
import { MESSAGE_ARG, patienceOf } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'
import { messageFields } from '../io/message-lines.ts'
import { sentText } from '../io/sent-text.ts'

export const forward = defineCommand({
  name: 'forward',
  description: 'Send a copy of a message to another conversation; it does not tell who wrote it',
  args: {
    message: MESSAGE_ARG,
    to: { description: 'A contact name, address, invite link, group name or conversation id' },
  },
  options: {
    wait: {
      type: 'text',
      placeholder: 'STATE',
      choices: ['queued', 'sent', 'delivered'],
      description: 'Until the copy is stored here, has its receipt (default), or has arrived',
    },
    'client-id': { type: 'text', placeholder: 'ID', description: 'Sending again with the same id sends nothing twice' },
  },
  example: 'dchat forward 01a2b3… bob',
  run: async ({ message, to, wait = 'sent', 'client-id': named }, { session, out, globals, signal }) => {
    const { call } = await session()
    const clientId = named ?? randomUUID()
    const copy = await call('forward', { message, to, wait, clientId, ...patienceOf(globals) }, { signal })
    await out.result(messageFields(copy), sentText(copy))
  },
})
