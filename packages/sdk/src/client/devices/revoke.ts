import { appendEntry, deviceOf } from '../../protocol/identity/log.ts'
import type { Abortable } from '../../util/abort.ts'
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { rotateArchiveKey } from '../history/archive-keys.ts'
import { putJob } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { appendToOwnLog } from './append-log.ts'
import { signerFor } from './signer.ts'

/** ms after which it is looked whether a revocation that was cut off reached a relay. */
const LATER = 60_000
const ROOMS = 100_000

/**
 * Takes a device out of the identity for good: a home relay has it when this resolves; what follows is durable work. Throws
 * `identity/needs-phrase`, `identity/bad-phrase`, `identity/frozen` and `transport/unreachable`.
 */
export const revokeDevice = async (
  core: Core,
  deviceKey: Uint8Array,
  { phrase, signal = core.signal }: Abortable & { phrase?: string },
): Promise<void> => {
  const { self, store, clock } = core
  const follow = (after: number) => {
    const task = { kind: 'revoked', deviceKey } as const
    return store.write((tx) => putJob(tx, `revoked/${toHex(deviceKey)}`, task, clock.now(), after))
  }
  let isNew = false
  await appendToOwnLog(
    core,
    async (log) => {
      if (deviceOf(log, deviceKey)?.revokedAt !== undefined) return undefined
      const longer = appendEntry(log, { kind: 'revoke-device', deviceKey }, signerFor(self, log, phrase))
      // Before the entry leaves: the relay may have it when this process ends.
      await follow(LATER)
      isNew = true
      return longer
    },
    { signal },
  )
  if (isNew) await follow(0)
}

/** The device leaves every room, and what is archived from now on is sealed with a key that it does not have. */
export const afterRevocation = async (core: Core, deviceKey: Uint8Array): Promise<void> => {
  const { self, store, clock } = core
  if (self.isRevoked || deviceOf(self.log, deviceKey)?.revokedAt === undefined) return
  await store.write(async (tx) => {
    const rooms = await tx.page<RoomRecord>('rooms', { scope: 'all', limit: ROOMS })
    for (const { value } of rooms)
      if (value.state === 'open')
        await putJob(tx, `remove-revoked/${value.id}`, { kind: 'remove-revoked', room: value.id }, clock.now())
  })
  await rotateArchiveKey(core)
}
