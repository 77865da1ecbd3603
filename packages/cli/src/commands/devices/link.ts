import { defineCommand } from '../../command/define.ts'

export const devicesLink = defineCommand({
  name: 'devices link',
  description: 'Make this a device of yours: shows a code and waits until another device approves it',
  args: {},
  options: {
    name: { type: 'text', placeholder: 'NAME', description: 'What your other devices call this one' },
  },
  example: 'dchat devices link --relay wss://relay.example --name laptop',
  run: async ({ name }, context) => {
    const { linkProfile } = await import('../../session/link-profile.ts')
    await linkProfile(context, { name })
  },
})
