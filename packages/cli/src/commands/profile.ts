import { defineCommand } from '../command/define.ts'
import { invalid } from '../command/text-argument.ts'
import { profileFields, profileRows } from '../io/people-lines.ts'
import type { ProfileView } from '../methods/people-types.ts'

const text = (profile: ProfileView): string => {
  const rows = profileRows(profile)
  return rows.length === 0 ? 'You tell nothing of yourself yet.' : rows.join('\n')
}

export const profileShow = defineCommand({
  name: 'profile show',
  description: 'Show what you tell of yourself to those you talk with',
  args: {},
  options: {},
  example: 'dchat profile show --json',
  usual: true,
  run: async (_values, { session, out, signal }) => {
    const { call } = await session()
    const profile = await call('profile.show', {}, { signal })
    await out.result(profileFields(profile), text(profile))
  },
})

export const profileSet = defineCommand({
  name: 'profile set',
  description: 'Change what you tell of yourself; it goes out before your next messages',
  args: {},
  options: {
    name: { type: 'text', placeholder: 'N', description: "At most 64 characters; '' takes it back" },
    about: { type: 'text', placeholder: 'T', description: "At most 1,000 characters; '' takes it back" },
    picture: {
      type: 'text',
      placeholder: 'P',
      description: "A PNG, JPEG or WebP file of at most 16 KiB; '' takes it back",
    },
  },
  example: "dchat profile set --name Alice --about 'I sell bicycles'",
  run: async ({ name, about, picture }, { session, out, signal }) => {
    if (name === undefined && about === undefined && picture === undefined)
      throw invalid('name', 'name something to change: --name, --about or --picture')
    const read = async (path: string) => {
      if (path === '') return null
      const { readPicture } = await import('../io/picture.ts')
      return readPicture(path)
    }
    const params = {
      ...(name === undefined ? {} : { name: name === '' ? null : name }),
      ...(about === undefined ? {} : { about: about === '' ? null : about }),
      ...(picture === undefined ? {} : { picture: await read(picture) }),
    }
    const { call } = await session()
    const profile = await call('profile.set', params, { signal })
    await out.result(profileFields(profile), text(profile))
  },
})
