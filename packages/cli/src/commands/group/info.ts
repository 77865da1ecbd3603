import { GROUP_ARG, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { timerText } from '../../io/duration.ts'
import { oneLine } from '../../io/text.ts'
import type { GroupView, MemberView } from '../../methods/group-types.ts'

/** The fields of `group info`: the picture as type and size, for its bytes see `group picture --save`. */
const groupFields = ({ picture, ...group }: GroupView): object => ({
  ...group,
  ...(picture === undefined
    ? {}
    : { picture: { media_type: picture.mediaType, size: Buffer.from(picture.data, 'base64').length } }),
})

const memberLine = ({ address, name, own, role, state }: MemberView): string => {
  const called = own ? 'you' : name === undefined ? '-' : oneLine(name)
  const devices = state === 'joined' ? '' : `\t(${state})`
  return `${role.padEnd(8)} ${called}\t${address}${devices}`
}

export const groupInfo = defineCommand({
  name: 'group info',
  description: 'Show who is in a group, in which role, and how it is set',
  args: { group: GROUP_ARG },
  options: { offline: { type: 'flag', description: 'Only what is stored here; ask no relay' } },
  example: "dchat group info 'Mountain trip' --json",
  run: async ({ group, offline }, { session, out, globals, signal }) => {
    const { call } = await session()
    const found = await call('group.info', { group, offline, ...patienceOf(globals) }, { signal })
    const rows = [
      out.style.bold(oneLine(found.name)),
      `id       ${found.id}`,
      `timer    ${found.timer === 0 ? 'off' : timerText(found.timer)}`,
      ...(found.approval === undefined ? [] : [`changes  approved by ${found.approval} for now`]),
      ...(found.picture === undefined ? [] : [`picture  ${found.picture.mediaType}`]),
      ...found.hubs.map((hub) => `relay    ${hub}${hub === found.hub && found.hubs.length > 1 ? ' (now)' : ''}`),
      ...found.pins.map((pin) => `pinned   ${pin}`),
      ...found.members.map(memberLine),
    ]
    await out.result(groupFields(found), rows.join('\n'))
  },
})
