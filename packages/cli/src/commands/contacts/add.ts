import { defineCommand } from '../../command/define.ts'
import { oneLine } from '../../io/text.ts'

export const contactsAdd = defineCommand({
  name: 'contacts add',
  description: 'Remember a person by address or invite link',
  args: { peer: { description: 'An address (dchat1…) or invite link (dchat:dchat1…)' } },
  options: { as: { type: 'text', placeholder: 'NAME', description: 'The name by which you call them' } },
  example: "dchat contacts add 'dchat:dchat1…?r=…' --as bob",
  run: async ({ peer, as: name }, context) => {
    const { out, signal, globals } = context
    const session = await context.session()
    const params = { peer, ...(name === undefined ? {} : { name }) }
    const patience = globals.timeout === undefined ? {} : { patience: globals.timeout }
    const { contact, checked } = await session.call('contacts.add', { ...params, ...patience }, { signal })
    if (!checked) out.note('No relay could be reached, so nobody was asked about this address yet.')
    const called = contact.name === undefined ? contact.address : `${oneLine(contact.name)} (${contact.address})`
    const { addedAt, ...rest } = contact
    await out.result({ ...rest, added_at: new Date(addedAt).toISOString(), checked }, `Added ${called}.`)
  },
})
