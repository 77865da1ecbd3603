import type { CommitView, Member, Permits } from '../../protocol/mls/engine.ts'
import type { Address } from '../../records/ids.ts'

/** groups.md: a direct message holds two people's devices and no more than these. */
export const DM_LEAVES = 20

export interface DeviceStanding {
  /** Certified at some time by the log of its address, and not revoked. */
  isActive(address: Address, deviceKey: Uint8Array): boolean
  isRevoked(address: Address, deviceKey: Uint8Array): boolean
}

/** The permission table of a direct message: devices of the two people come and go, nobody else does. */
export const dmPermits =
  (people: readonly [Address, Address], standing: DeviceStanding): Permits =>
  (view: CommitView, members: readonly Member[]) => {
    const strangers = view.added.filter(({ address }) => !people.includes(address))
    if (strangers.length > 0) return 'a direct message has no third person'
    if (members.length + view.added.length > DM_LEAVES) return `a direct message has at most ${DM_LEAVES} devices`
    if (!view.added.every(({ address, deviceKey }) => standing.isActive(address, deviceKey)))
      return 'an added device is not certified, or revoked'
    if (!view.removed.every(({ address, deviceKey }) => standing.isRevoked(address, deviceKey)))
      return 'a device that is not revoked was removed'
    return true
  }
