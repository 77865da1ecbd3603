import { GROUP_ARG, PERSON, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'
import { oneLine } from '../../io/text.ts'

const PEOPLE = { description: `${PERSON}; any number of them`, many: true } as const

const counted = (people: readonly string[]): string => (people.length === 1 ? '1 person' : `${people.length} people`)

export const groupAdd = defineCommand({
  name: 'group add',
  description: 'Ask people into a group; owners and admins do',
  args: { group: GROUP_ARG, people: PEOPLE },
  options: {},
  example: "dchat group add 'Mountain trip' dave",
  run: async ({ group, people }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('group.add', { group, people, ...patienceOf(globals) }, { signal })
    await out.result(done, `Asked ${counted(done.people)} in.`)
  },
})

export const groupRemove = defineCommand({
  name: 'group remove',
  description: 'Take people out of a group; from then on they read nothing of it',
  args: { group: GROUP_ARG, people: PEOPLE },
  options: {},
  example: "dchat group remove 'Mountain trip' dave",
  run: async ({ group, people }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('group.remove', { group, people, ...patienceOf(globals) }, { signal })
    await out.result(done, `Took ${counted(done.people)} out.`)
  },
})

const ROLES = ['owner', 'admin', 'member'] as const
const isRole = (text: string): text is (typeof ROLES)[number] => (ROLES as readonly string[]).includes(text)

export const groupRole = defineCommand({
  name: 'group role',
  description: 'Give a person in a group a role; owners do',
  args: {
    group: GROUP_ARG,
    person: { description: PERSON },
    role: { description: 'One of owner, admin, member' },
  },
  options: {},
  example: "dchat group role 'Mountain trip' bob admin",
  run: async ({ group, person, role }, { session, out, globals, signal }) => {
    if (!isRole(role)) throw invalid('role', `it is none of ${ROLES.join(', ')}`)
    const { call } = await session()
    const done = await call('group.role', { group, person, role, ...patienceOf(globals) }, { signal })
    await out.result({ ...done, role }, `${oneLine(person)} is ${role} now.`)
  },
})
