import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { requestFields, requestText } from '../../io/people-lines.ts'

const ASKING = {
  description: 'A contact name, address or link; of a request also its chat or the name it gives',
} as const

export const contactsRequests = defineCommand({
  name: 'contacts requests',
  description: 'List strangers who want to write to you or ask you into a group',
  args: {},
  options: { offline: { type: 'flag', description: 'Only what is stored here; ask no relay' } },
  example: 'dchat contacts requests --json',
  run: async ({ offline }, { session, out, globals, signal }) => {
    const { stream } = await session()
    for await (const request of stream('contacts.requests', { offline, ...patienceOf(globals) }, { signal }))
      await out.item('request', requestFields(request), requestText(request, out.style))
    await out.end()
  },
})

export const contactsAllow = defineCommand({
  name: 'contacts allow',
  description: 'Let a person write to you; groups are still accepted one by one',
  args: { person: ASKING },
  options: {},
  example: 'dchat contacts allow dchat1…',
  run: async ({ person }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('contacts.allow', { person, ...patienceOf(globals) }, { signal })
    if (!done.checked) out.note('No relay could be reached: what they wrote comes when dchat runs again.')
    await out.result(done, 'Allowed.')
  },
})

export const contactsDeny = defineCommand({
  name: 'contacts deny',
  description: 'Drop what a stranger asked, without a word; they may ask again',
  args: { person: ASKING },
  options: {},
  example: 'dchat contacts deny dchat1…',
  run: async ({ person }, { session, out, signal }) => {
    const { call } = await session()
    await out.result(await call('contacts.deny', { person }, { signal }), 'Denied; they are not told.')
  },
})

export const contactsBlock = defineCommand({
  name: 'contacts block',
  description: 'Silence, both ways: nothing of theirs is shown, nothing is told to them',
  args: { person: ASKING },
  options: {},
  example: 'dchat contacts block dchat1…',
  run: async ({ person }, { session, out, signal }) => {
    const { call } = await session()
    await out.result(await call('contacts.block', { person }, { signal }), 'Blocked; they are not told.')
  },
})

export const contactsUnblock = defineCommand({
  name: 'contacts unblock',
  description: 'Lift a block; what was written meanwhile in your conversation does not come back',
  args: { person: ASKING },
  options: {},
  example: 'dchat contacts unblock bob',
  run: async ({ person }, { session, out, signal }) => {
    const { call } = await session()
    await out.result(await call('contacts.unblock', { person }, { signal }), 'Unblocked.')
  },
})
