import type { DeviceId } from '../../records/ids.ts'

/** A listing as own devices share it: written by nobody but the device that sells it (offers.md, "Several devices"). */
export interface ListingLease {
  /** CBOR [body, signature] of the newest version. */
  readonly signed: Uint8Array
  /** Hashes of the newest versions, 32 bytes each, the last one of `signed`. */
  readonly versions: Uint8Array
  readonly state: 'open' | 'closed'
  /** The device that sells it. */
  readonly holder: DeviceId
  /** One more each time that it changes hands. */
  readonly turn: number
  /** In so many registers stands what was sold of it. */
  readonly parts: number
}

/** What was sold of a listing, or a part of it. */
export interface ListingDeals {
  readonly turn: number
  readonly deals: readonly SoldDeal[]
}

export interface SoldDeal {
  /** The offer, 16 bytes. */
  readonly offer: Uint8Array
  /** The step that made the deal, and the seller's that concluded it, 32 bytes each. */
  readonly deal: Uint8Array
  readonly step: Uint8Array
  /** Of each item so many. */
  readonly items: readonly (readonly [string, number])[]
}

/** A device that would like to sell a listing. */
export interface ListingAsk {
  readonly device: DeviceId
  /** The listing's, when it asked. */
  readonly turn: number
  /** ms since 1970: who asks again says something new. */
  readonly at: number
}

interface Device {
  readonly device: DeviceId
  readonly revokedAt?: number
}

const active = (devices: readonly Device[]): readonly Device[] =>
  devices.filter(({ revokedAt }) => revokedAt === undefined)

export const isOn = (devices: readonly Device[], device: DeviceId): boolean =>
  active(devices).some((one) => one.device === device)

/**
 * Which own device may sell a listing: its holder, and once that is revoked the first of the log that is not. A log only
 * ever grows at its end, so of two devices that know different logs both may believe it of themselves only where one of
 * them is revoked.
 */
export const sellerOf = (devices: readonly Device[], holder: DeviceId): DeviceId | undefined =>
  isOn(devices, holder) ? holder : active(devices)[0]?.device
