import { DchatError } from '../../errors.ts'
import { deviceOf, encodedLog } from '../../protocol/identity/log.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Core } from '../core.ts'
import { addJob } from '../jobs.ts'
import { appendRelays, certifyDevice } from '../self.ts'
import { appendToOwnLog } from './append-log.ts'

/**
 * A restored identity reads its log before it adds this device to it: a log must not fork. Where its relays know none, the
 * device is its first one, and says where the identity is at home and by which key its archive is sealed.
 */
export const certifySelf = async (core: Core, options: Abortable): Promise<void> => {
  const { self, store, clock, crypto } = core
  const { deviceKey, rootSecret, archiveSeed } = self.record
  await appendToOwnLog(
    core,
    async (log) => {
      const mine = deviceOf(log, deviceKey)
      if (mine?.revokedAt !== undefined) throw new DchatError('identity/device-revoked', { device: self.device })
      if (mine !== undefined || rootSecret === undefined) return undefined
      const certified = certifyDevice(encodedLog(log), self.record, rootSecret)
      if (log.archiveKey !== undefined || archiveSeed === undefined) return certified
      return appendRelays(certified, self.record, await crypto.box.publicKey(archiveSeed), rootSecret)
    },
    options,
  )
  await addJob(store, 'read-archive', { kind: 'read-archive' }, clock.now())
}
