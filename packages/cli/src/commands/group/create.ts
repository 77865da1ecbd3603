import { PERSON, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { parseTimer } from '../../io/duration.ts'
import { oneLine } from '../../io/text.ts'

export const groupCreate = defineCommand({
  name: 'group create',
  description: 'Make a group with you as its owner, and ask people in',
  args: {
    name: { description: 'The name of the group, as everybody in it sees it' },
    people: { description: `${PERSON}; any number of them`, optional: true, many: true },
  },
  options: {
    picture: { type: 'text', placeholder: 'P', description: 'A PNG, JPEG or WebP file of at most 16 KiB' },
    timer: { type: 'text', placeholder: 'TIME', description: 'Messages disappear after this time, such as 1d or 4w' },
    wait: {
      type: 'text',
      placeholder: 'STATE',
      choices: ['queued', 'open'],
      description: 'Until the group is stored here, or stands at the relay (default)',
    },
  },
  example: "dchat group create 'Mountain trip' bob carol",
  run: async ({ name, people, picture: file, timer, wait = 'open' }, { session, out, globals, signal }) => {
    const seconds = timer === undefined ? {} : { timer: parseTimer(timer, '--timer') }
    const { readPicture } = await import('../../io/picture.ts')
    const picture = file === undefined ? {} : { picture: await readPicture(file) }
    const { call } = await session()
    const params = { name, people, wait, ...seconds, ...picture, ...patienceOf(globals) }
    // Asked twice it would make two groups.
    const made = await call('group.create', params, { signal, once: true })
    const { missing } = made
    if (missing.length > 0)
      out.note(`${missing.length} of them could not be asked in: no device of theirs was found at their relays.`)
    await out.result({ ...made, title: name }, `Made "${oneLine(name)}"  ${made.chat}`)
  },
})
