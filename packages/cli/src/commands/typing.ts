import { defineCommand } from '../command/define.ts'

export const typing = defineCommand({
  name: 'typing',
  description: 'Show the other side for 5 seconds that you type',
  args: { chat: { description: 'A contact, address, invite link, group or conversation' } },
  options: {},
  example: 'dchat typing bob',
  run: async ({ chat }, { session, out, signal }) => {
    const { call } = await session()
    await out.result(await call('typing', { chat }, { signal, once: true }), '')
  },
})
