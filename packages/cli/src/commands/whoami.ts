import { defineCommand } from '../command/define.ts'

export const whoami = defineCommand({
  name: 'whoami',
  description: 'Show your address, device and relays',
  args: {},
  options: {},
  example: 'dchat whoami --json',
  run: async (_values, context) => {
    const session = await context.session()
    const { address, device, relays } = await session.call('whoami', {}, { signal: context.signal })
    const { name } = await context.profile()
    const rows = [
      `address  ${address}`,
      `device   ${device}`,
      `profile  ${name}`,
      ...(relays.length === 0 ? ['relay    none'] : relays.map((relay) => `relay    ${relay}`)),
    ]
    await context.out.result({ profile: name, address, device, relays }, rows.join('\n'))
  },
})
