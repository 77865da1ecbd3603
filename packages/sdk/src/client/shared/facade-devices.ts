import type { Devices } from '../client.ts'
import type { Desk } from './desk.ts'
import { plain } from './plain.ts'

/** A pending link is its code: whoever has the store goes on with it. */
export const sharedDevices = (desk: Desk): Devices => ({
  list: () => desk.call('devices.list', []),
  rename: (id, name) => desk.call('devices.rename', [id, name]),
  revoke: (id, options) => desk.call('devices.revoke', [id, plain(options)], options),
  link: async (qrOrCode, options) => ({
    ...(await desk.call('devices.find', [qrOrCode], options)),
    approve: (chosen) => desk.call('devices.approve', [qrOrCode, plain(chosen)], chosen),
    refuse: () => desk.call('devices.refuse', [qrOrCode]),
  }),
})
