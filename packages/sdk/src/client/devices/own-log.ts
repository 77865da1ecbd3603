import type { IdentityLog } from '../../protocol/identity/log.ts'
import type { RelayUrl } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { planSelf } from '../personal/entered.ts'
import { followHome } from '../relays/follow-home.ts'
import type { Rooms } from '../rooms/rooms.ts'

/** ms between two devices' turns at taking an own revoked device out of a room. */
const APART = 250
const TURNS = 40

/** What follows from a newer own log, wherever it came from. `revoked`: this device is out. */
export const followOwnLog = async (core: Core, rooms: Rooms, log: IdentityLog, revoked: () => void): Promise<void> => {
  const { self, events } = core
  const before = self.log
  if (equalBytes(before.head, log.head)) return
  await self.follow(log, (tx, relays) => followHome(tx, core, before.relays, relays))
  for (const [key, { device, revokedAt }] of log.devices)
    if (revokedAt !== undefined && before.devices.get(key)?.revokedAt === undefined)
      events.emit({ type: 'device-revoked', device })
  if (!isSame(before.relays, self.relays)) events.emit({ type: 'home-relays', relays: self.relays })
  if (self.isRevoked) revoked()
  else {
    await takeOutRevoked(core, rooms)
    await planSelf(core)
  }
}

const isSame = (a: readonly RelayUrl[], b: readonly RelayUrl[]): boolean =>
  a.length === b.length && a.every((relay, at) => relay === b[at])

/** Plans to take own revoked devices out of every room: the first leaf at once, the others where it did not. */
const takeOutRevoked = async (core: Core, rooms: Rooms): Promise<void> => {
  const { self, directory, store, clock } = core
  const isRevoked = (deviceKey: Uint8Array) => directory.isRevoked(self.address, deviceKey)
  const due = rooms.all().flatMap(({ id, isMember, group }) => {
    const own = (isMember ? (group?.members ?? []) : []).filter(({ address }) => address === self.address)
    const staying = own.filter(({ deviceKey }) => !isRevoked(deviceKey))
    if (staying.length === own.length) return []
    const turn = staying.findIndex(({ deviceKey }) => self.isOwnDevice(deviceKey))
    return [{ id, after: Math.min(Math.max(turn, 0), TURNS) * APART }]
  })
  if (due.length === 0) return
  await store.write(async (tx) => {
    for (const { id, after } of due)
      await putJob(tx, `remove-revoked/${id}`, { kind: 'remove-revoked', room: id }, clock.now(), after)
  })
}
