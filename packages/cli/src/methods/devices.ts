import type { Client, Device, DeviceId } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { PATIENCE } from './defaults.ts'
import type { DeviceCalls, DeviceView } from './device-types.ts'
import type { Engine } from './engine.ts'
import { deviceNamed } from './named-device.ts'

type Given<M extends keyof DeviceCalls> = DeviceCalls[M]['params']
type Result<M extends keyof DeviceCalls> = Promise<DeviceCalls[M]['result']>

const view = (device: Device): DeviceView => ({ ...device })

const named = async (client: Client, wanted: string): Promise<DeviceId> =>
  deviceNamed(await client.devices.list(), wanted).id

const byId = async (client: Client, id: DeviceId): Promise<DeviceView> => {
  const device = (await client.devices.list()).find((one) => one.id === id)
  if (device === undefined)
    throw new DchatError('usage/invalid-argument', { name: 'device', reason: 'you have no such device' })
  return view(device)
}

export async function* listDevices({ client }: Engine): AsyncGenerator<DeviceView> {
  for (const device of await client.devices.list()) yield view(device)
}

export const renameDevice = async (
  { client }: Engine,
  { device, name }: Given<'devices.rename'>,
): Result<'devices.rename'> => {
  const id = await named(client, device)
  await client.devices.rename(id, name)
  return byId(client, id)
}

export const revokeDevice = async (
  { client, online }: Engine,
  { device, phrase, patience = PATIENCE }: Given<'devices.revoke'>,
  signal: AbortSignal,
): Result<'devices.revoke'> => {
  const id = await named(client, device)
  await online.ready(patience, signal)
  await client.devices.revoke(id, { signal, ...(phrase === undefined ? {} : { phrase }) })
  return byId(client, id)
}

const link = async ({ client, online }: Engine, code: string, patience: number, signal: AbortSignal) => {
  await online.ready(patience, signal)
  return client.devices.link(code, { signal })
}

export const findDevice = async (
  engine: Engine,
  { code, patience = PATIENCE }: Given<'devices.find'>,
  signal: AbortSignal,
): Result<'devices.find'> => {
  const { device, deviceName } = await link(engine, code, patience, signal)
  return { device, ...(deviceName === undefined ? {} : { name: deviceName }) }
}

export const approveDevice = async (
  engine: Engine,
  { code, name, phrase, patience = PATIENCE }: Given<'devices.approve'>,
  signal: AbortSignal,
): Result<'devices.approve'> => {
  const pending = await link(engine, code, patience, signal)
  const chosen = { ...(name === undefined ? {} : { name }), ...(phrase === undefined ? {} : { phrase }) }
  return view(await pending.approve({ signal, ...chosen }))
}

export const refuseDevice = async (
  engine: Engine,
  { code, patience = PATIENCE }: Given<'devices.refuse'>,
  signal: AbortSignal,
): Result<'devices.refuse'> => {
  await (await link(engine, code, patience, signal)).refuse()
  return {}
}
