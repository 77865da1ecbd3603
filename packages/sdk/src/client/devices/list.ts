import type { StoreReader } from '../../domain/store/store.ts'
import type { LogDevice } from '../../protocol/identity/log.ts'
import type { Device } from '../../records/device.ts'
import type { Core } from '../core.ts'
import { getRegister } from '../personal/registers.ts'

type Selves = Pick<Core, 'self'>

/** An own device as people see it. */
export const shownDevice = async (tx: StoreReader, { self }: Selves, known: LogDevice): Promise<Device> => {
  const { device: id, deviceKey, revokedAt, addedAt } = known
  const name = (await getRegister(tx, 'device-name', id)) ?? known.name
  const body = self.log.entries[addedAt]?.content?.body
  const at = body?.kind === 'add-device' ? body.at : undefined
  const isThis = self.isOwnDevice(deviceKey)
  return {
    id,
    isThis,
    revoked: revokedAt !== undefined,
    ...(name === undefined ? {} : { name }),
    ...(at === undefined ? {} : { addedAt: at }),
    ...(isThis ? { holdsRoot: self.record.rootSecret !== undefined } : {}),
  }
}
