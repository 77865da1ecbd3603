import { MESSAGE_ARG, patienceOf, WAIT_OPTION } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'
import { textOf } from '../command/text-argument.ts'

export const edit = defineCommand({
  name: 'edit',
  description: 'Change the words of a message of yours, within a day',
  args: {
    message: MESSAGE_ARG,
    text: { description: 'The new text, or - to read it from stdin', optional: true },
  },
  options: {
    markdown: { type: 'flag', description: 'The new text is Markdown' },
    wait: WAIT_OPTION,
  },
  example: "dchat edit 01a2b3… 'Hello, Bob!'",
  run: async ({ message, text: given, markdown, wait = 'sent' }, context) => {
    const { out, globals, signal } = context
    const text = await textOf(given, context)
    const session = await context.session()
    const format = markdown ? { format: 'markdown' as const } : {}
    const done = await session.call('edit', { message, text, ...format, wait, ...patienceOf(globals) }, { signal })
    await out.result(done, 'Edited.')
  },
})
