import { DchatError } from '@dchat/sdk/wire'
import type { RelayContext } from '../link/link.ts'

/** Throws `relay/not-permitted` if the device was revoked: what was left for it is not given to it any more. */
export const needUnrevoked = async ({ identities }: RelayContext, device: Uint8Array): Promise<void> => {
  if (await identities.isRevoked(device))
    throw new DchatError('relay/not-permitted', { what: 'this device is revoked' })
}

/** Throws `relay/not-permitted` unless a log that is held here certifies the device and has not revoked it. */
export const needCertified = async (relay: RelayContext, device: Uint8Array, address?: string): Promise<void> => {
  if (!(await relay.identities.isActive(device, address)))
    throw new DchatError('relay/not-permitted', { what: 'no identity log held here certifies this device' })
}
