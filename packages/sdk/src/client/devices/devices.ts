import { DchatError } from '../../errors.ts'
import type { Device } from '../../records/device.ts'
import type { DeviceId } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Devices, PendingLink } from '../api/devices.ts'
import { branch, type Core } from '../core.ts'
import { setRegister } from '../personal/registers.ts'
import { shownDevice } from './list.ts'

const NAME_LIMIT = 64

const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })

/** Everything that changes the identity loads when it is asked for. */
export class DevicesApi implements Devices {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  list(): Promise<readonly Device[]> {
    const { store, self } = this.#core
    return store.read(async (tx) => {
      const devices: Device[] = []
      for (const known of self.log.devices.values()) devices.push(await shownDevice(tx, this.#core, known))
      return devices
    })
  }

  async rename(id: DeviceId, name: string): Promise<void> {
    if (name === '' || name.length > NAME_LIMIT) throw refuse('name', `it must have 1 to ${NAME_LIMIT} characters`)
    const core = this.#core
    const { device } = this.#find(id)
    await core.store.write((tx) => setRegister(tx, core, 'device-name', device, name))
  }

  async revoke(id: DeviceId, options: Abortable & { phrase?: string } = {}): Promise<void> {
    const { deviceKey } = this.#find(id)
    const { revokeDevice } = await import('../later.ts')
    await revokeDevice(branch(this.#core), deviceKey, options)
  }

  async link(qrOrCode: string, options: Abortable = {}): Promise<PendingLink> {
    const { findNewDevice } = await import('../later.ts')
    return findNewDevice(branch(this.#core), qrOrCode, options)
  }

  #find(id: DeviceId) {
    for (const known of this.#core.self.log.devices.values()) if (known.device === id) return known
    throw refuse('device', 'this identity has no such device')
  }
}
