import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'

export const groupHubs = defineCommand({
  name: 'group hubs',
  description: 'Show or choose the relays that may keep the log of a conversation',
  args: {
    group: { description: 'A group, or a person for the direct message with them' },
    relays: {
      description: 'The 1 to 3 relays in the order in which they take over; the present one stays among them',
      many: true,
      optional: true,
    },
  },
  options: {
    move: { type: 'text', placeholder: 'R', description: 'Move the conversation to this one of its relays' },
  },
  example: "dchat group hubs 'Mountain trip' wss://relay.example wss://other.example",
  run: async ({ group, relays, move }, { session, out, globals, signal }) => {
    const { call } = await session()
    const wanted = { ...(relays.length === 0 ? {} : { relays }), ...(move === undefined ? {} : { move }) }
    const found = await call('group.hubs', { group, ...wanted, ...patienceOf(globals) }, { signal })
    const rows = found.hubs.map((hub, at) => `${at + 1}  ${hub}${hub === found.hub ? '\t(now)' : ''}`)
    await out.result({ ...found }, rows.join('\n'))
  },
})
