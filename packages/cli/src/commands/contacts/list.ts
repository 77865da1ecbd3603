import { defineCommand } from '../../command/define.ts'
import { oneLine } from '../../io/text.ts'

export const contactsList = defineCommand({
  name: 'contacts list',
  description: 'List the people you know',
  args: {},
  options: {},
  example: 'dchat contacts list --json',
  usual: true,
  run: async (_values, context) => {
    const { out, signal } = context
    const session = await context.session()
    for await (const { addedAt, ...contact } of session.stream('contacts.list', {}, { signal })) {
      const text = `${out.style.bold(oneLine(contact.name ?? '-'))}\t${contact.address}`
      await out.item('contact', { ...contact, added_at: new Date(addedAt).toISOString() }, text)
    }
    await out.end()
  },
})
