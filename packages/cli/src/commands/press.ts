import { MESSAGE_ARG, patienceOf } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'
import { oneLine } from '../io/text.ts'

export const press = defineCommand({
  name: 'press',
  description: 'Press a button of a message, and show what its author answers',
  args: {
    message: MESSAGE_ARG,
    button: { description: 'The number of the button, as "dchat read" shows it, or its callback' },
  },
  options: {
    wait: {
      type: 'text',
      placeholder: 'STATE',
      choices: ['queued', 'sent', 'answered'],
      description: 'Until it is stored here, stands in the conversation, or is answered, 10 seconds at most (default)',
    },
  },
  example: 'dchat press 01a2b3… 1',
  run: async ({ message, button, wait = 'answered' }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('press', { message, button, wait, ...patienceOf(globals) }, { signal })
    await out.result(
      done,
      done.answer === undefined || done.answer.text === '' ? 'Pressed.' : oneLine(done.answer.text),
    )
  },
})
