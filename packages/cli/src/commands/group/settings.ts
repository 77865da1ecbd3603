import { GROUP_ARG, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'
import { parseTimer, timerText } from '../../io/duration.ts'
import { oneLine } from '../../io/text.ts'

export const groupRename = defineCommand({
  name: 'group rename',
  description: 'Give a group another name, for everybody',
  args: { group: GROUP_ARG, name: { description: 'The new name' } },
  options: {},
  example: "dchat group rename 'Mountain trip' 'Sea trip'",
  run: async ({ group, name }, { session, out, globals, signal }) => {
    const { call } = await session()
    const done = await call('group.rename', { group, name, ...patienceOf(globals) }, { signal })
    await out.result({ ...done, title: name }, `It is called "${oneLine(name)}" now.`)
  },
})

export const groupPicture = defineCommand({
  name: 'group picture',
  description: 'Set, remove or save the picture of a group',
  args: {
    group: GROUP_ARG,
    file: { description: 'A PNG, JPEG or WebP file of at most 16 KiB', optional: true },
  },
  options: {
    off: { type: 'flag', description: 'The group has no picture afterwards' },
    save: { type: 'text', placeholder: 'P', description: 'Write the picture that the group has to this new file' },
  },
  example: "dchat group picture 'Mountain trip' ./summit.png",
  run: async ({ group, file, off, save }, { session, out, globals, signal }) => {
    if ([file !== undefined, off, save !== undefined].filter(Boolean).length !== 1)
      throw invalid('file', 'name either a file, or --off, or --save P')
    const { readPicture, savePicture } = await import('../../io/picture.ts')
    const picture = file === undefined ? {} : { picture: await readPicture(file) }
    const { call } = await session()
    const waiting = patienceOf(globals)
    if (save === undefined) {
      const done = await call('group.picture', { group, ...picture, ...waiting }, { signal })
      return out.result({ ...done, off }, off ? 'The picture is gone.' : 'The picture is set.')
    }
    const { id, picture: found } = await call('group.info', { group, ...waiting }, { signal })
    if (found === undefined) throw invalid('group', 'it has no picture')
    await savePicture(save, found)
    await out.result({ chat: id, media_type: found.mediaType, file: save }, `Saved to ${save}.`)
  },
})

export const groupTimer = defineCommand({
  name: 'group timer',
  description: 'Let the messages of a conversation disappear after a time, for everybody',
  args: {
    group: { description: 'A group, or a person for the direct message with them' },
    time: { description: 'Such as 12h, 1d or 4w; "off" lets messages stay' },
  },
  options: {},
  example: "dchat group timer 'Mountain trip' 4w",
  run: async ({ group, time }, { session, out, globals, signal }) => {
    const seconds = parseTimer(time, 'time')
    const { call } = await session()
    const done = await call('group.timer', { group, seconds, ...patienceOf(globals) }, { signal })
    const text = seconds === 0 ? 'Messages stay.' : `Messages disappear after ${timerText(seconds)}.`
    await out.result({ ...done, timer: seconds }, text)
  },
})
