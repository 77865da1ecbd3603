import { isMeant, YES_OPTION } from '../../command/ask.ts'
import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { PHRASE_OPTION, phraseOf } from '../../command/phrase-argument.ts'
import { deviceFields, deviceTitle } from '../../io/device-lines.ts'
import type { LinkView } from '../../methods/device-types.ts'

/** Whoever approves gives everything away, so it is not done by mistake. */
const question = ({ device, name }: LinkView): string =>
  `Let ${deviceTitle({ id: device, ...(name === undefined ? {} : { name }) })} read and write as you?`

export const devicesApprove = defineCommand({
  name: 'devices approve',
  description: 'Let in a new device that shows a code: it reads and writes as you',
  args: { code: { description: 'The short code that the new device shows, or the text of its QR code' } },
  options: {
    yes: YES_OPTION,
    name: { type: 'text', placeholder: 'NAME', description: 'Call it so, instead of what it calls itself' },
    'phrase-file': PHRASE_OPTION,
  },
  example: 'dchat devices approve 7KQ-2MF-9XT --yes',
  run: async ({ code, yes, name, 'phrase-file': file }, context) => {
    const { session, out, globals, signal } = context
    const phrase = file === undefined ? {} : { phrase: await phraseOf(file, context) }
    const { patience } = patienceOf(globals)
    const common = { code, ...(patience === undefined ? {} : { patience }) }
    const { call } = await session()
    const found = await call('devices.find', common, { signal })
    if (!yes && !(await isMeant(question(found), 'Say --yes if the new device is yours.', context))) {
      await call('devices.refuse', common, { signal })
      return out.result({ approved: false, device: found.device }, 'Refused.')
    }
    const chosen = name === undefined ? {} : { name }
    const device = await call('devices.approve', { ...common, ...chosen, ...phrase }, { signal })
    await out.result({ approved: true, ...deviceFields(device) }, `Linked ${deviceTitle(device)}.`)
  },
})
