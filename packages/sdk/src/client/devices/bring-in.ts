import { DchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { claimKeyPackages } from '../key-packages.ts'
import { addOwnDevice } from '../rooms/add-people.ts'
import type { Rooms } from '../rooms/rooms.ts'

/**
 * Adds a device that this one let in to every room, the newest first. It comes back until the device has left key packages
 * at the home relays; then what fails is the device's own to ask for.
 */
export const bringIn = async (core: Core, rooms: Rooms, deviceKey: Uint8Array): Promise<void> => {
  const { self, directory } = core
  const isIn = (members: readonly { readonly deviceKey: Uint8Array }[]) =>
    members.some((member) => equalBytes(member.deviceKey, deviceKey))
  const waiting = () =>
    rooms
      .all()
      .filter(
        ({ isMember, record, group, asksOthers }) =>
          isMember && !record.leaving && !asksOthers && !isIn(group?.members ?? []),
      )
      .sort((a, b) => b.record.ordinal - a.record.ordinal)
  for (const session of waiting()) {
    if (!directory.isActive(self.address, deviceKey)) return
    const claimed = await claimKeyPackages(core, self.address, session.record.suite)
    const found = claimed.find((one) => equalBytes(one.deviceKey, deviceKey))
    if (found === undefined) throw new DchatError('transport/unconfirmed', { waited: 0 })
    await addOwnDevice(session, { address: self.address, ...found, package: found.reference })
  }
}
