import { isMeant, YES_OPTION } from '../../command/ask.ts'
import { patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { PHRASE_OPTION, phraseOf } from '../../command/phrase-argument.ts'
import { deviceFields, deviceText, deviceTitle } from '../../io/device-lines.ts'
import type { DeviceView } from '../../methods/device-types.ts'

const DEVICE = { description: 'The name of a device, its id, or the beginning of its id' } as const

export const devicesList = defineCommand({
  name: 'devices list',
  description: 'List your own devices, also those that were revoked',
  args: {},
  options: {},
  example: 'dchat devices --json',
  usual: true,
  run: async (_, { session, out, signal }) => {
    const { stream } = await session()
    for await (const device of stream('devices.list', {}, { signal }))
      await out.item('device', deviceFields(device), deviceText(device, out.style))
    await out.end()
  },
})

export const devicesRename = defineCommand({
  name: 'devices rename',
  description: 'Give one of your devices another name, on all of them',
  args: { device: DEVICE, name: { description: 'At most 64 characters' } },
  options: {},
  example: "dchat devices rename laptop 'Old laptop'",
  run: async ({ device, name }, { session, out, signal }) => {
    const { call } = await session()
    const renamed = await call('devices.rename', { device, name }, { signal })
    await out.result(deviceFields(renamed), `It is called ${deviceTitle(renamed)} now.`)
  },
})

export const devicesRevoke = defineCommand({
  name: 'devices revoke',
  description: 'Take a device out of everything, for good',
  args: { device: DEVICE },
  options: { yes: YES_OPTION, 'phrase-file': PHRASE_OPTION },
  example: 'dchat devices revoke laptop --yes',
  run: async ({ device, yes, 'phrase-file': file }, context) => {
    const { session, out, globals, signal } = context
    const phrase = file === undefined ? {} : { phrase: await phraseOf(file, context) }
    const { patience } = patienceOf(globals)
    const { call, stream } = await session()
    const { deviceNamed } = await import('../../methods/named-device.ts')
    const all: DeviceView[] = []
    for await (const one of stream('devices.list', {}, { signal })) all.push(one)
    const found = deviceNamed(all, device)
    const question = `Take ${deviceTitle(found)} out of everything, for good?`
    if (!yes && !(await isMeant(question, 'Say --yes if you mean it: it cannot be undone.', context)))
      return out.result(deviceFields(found), 'Nothing was changed.')
    const params = { device: found.id, ...phrase, ...(patience === undefined ? {} : { patience }) }
    const revoked = await call('devices.revoke', params, { signal })
    await out.result(deviceFields(revoked), `Revoked ${deviceTitle(revoked)}; your conversations follow.`)
  },
})
