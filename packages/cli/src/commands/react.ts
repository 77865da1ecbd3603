import { MESSAGE_ARG, patienceOf, WAIT_OPTION } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'

export const react = defineCommand({
  name: 'react',
  description: 'React to a message, or take a reaction back',
  args: {
    message: MESSAGE_ARG,
    emoji: { description: 'One emoji, or a short text of up to 64 bytes' },
  },
  options: {
    off: { type: 'flag', description: 'Take this reaction of yours back' },
    wait: WAIT_OPTION,
  },
  example: "dchat react 01a2b3… '+1'",
  run: async ({ message, emoji, off, wait = 'sent' }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('react', { message, emoji, off, wait, ...patienceOf(globals) }, { signal })
    const text = off ? (done.id === undefined ? 'There was no such reaction of yours.' : 'Taken back.') : 'Reacted.'
    await out.result({ ...done, emoji, off }, text)
  },
})
