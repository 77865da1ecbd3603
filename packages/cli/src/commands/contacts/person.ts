import { PERSON } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'
import { personFields, personText } from '../../io/people-lines.ts'
import { oneLine } from '../../io/text.ts'

export const contactsShow = defineCommand({
  name: 'contacts show',
  description: 'Show what is known of a person, contact or not',
  args: { person: { description: PERSON } },
  options: {},
  example: 'dchat contacts show bob --json',
  run: async ({ person }, { session, out, signal }) => {
    const { call } = await session()
    const found = await call('contacts.show', { person }, { signal })
    await out.result(personFields(found), personText(found, out.style))
  },
})

export const contactsRename = defineCommand({
  name: 'contacts rename',
  description: 'Choose the name by which you call a person, on all of your devices',
  args: { person: { description: PERSON }, name: { description: 'The new name', optional: true } },
  options: { off: { type: 'flag', description: 'Take the name back; the person is called as they call themselves' } },
  example: "dchat contacts rename bob 'Bob from work'",
  run: async ({ person, name, off }, { session, out, signal }) => {
    if (off === (name !== undefined)) throw invalid('name', 'give either a name or --off')
    const { call } = await session()
    const params = { person, ...(name === undefined ? {} : { name }) }
    const { address, name: now } = await call('contacts.rename', params, { signal })
    const called = now === undefined ? {} : { name: now }
    await out.result({ address, ...called }, now === undefined ? 'The name is gone.' : `You call them ${oneLine(now)}.`)
  },
})

export const contactsRemove = defineCommand({
  name: 'contacts remove',
  description: 'Take a person off your contacts; conversations stay, and they may still write',
  args: { person: { description: PERSON } },
  options: {},
  example: 'dchat contacts remove bob',
  run: async ({ person }, { session, out, signal }) => {
    const { call } = await session()
    await out.result(await call('contacts.remove', { person }, { signal }), 'Removed.')
  },
})
