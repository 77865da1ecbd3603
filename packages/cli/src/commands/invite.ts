import { defineCommand } from '../command/define.ts'

export const invite = defineCommand({
  name: 'invite',
  description: 'Print your invite link: your address and where to reach you',
  args: {},
  options: { qr: { type: 'flag', description: 'Also draw it as a QR code' } },
  example: 'dchat invite --qr',
  run: async ({ qr }, context) => {
    const session = await context.session()
    const { link } = await session.call('invite', {}, { signal: context.signal })
    if (!qr) return context.out.result({ link }, link)
    const { renderUnicodeCompact } = await import('uqr')
    const drawing = renderUnicodeCompact(link)
    await context.out.result({ link, qr: drawing }, `${drawing}\n${link}`)
  },
})
