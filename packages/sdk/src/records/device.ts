import type { DeviceId } from './ids.ts'

/** One device of this person. */
export interface Device {
  readonly id: DeviceId
  readonly name?: string
  readonly isThis: boolean
  /** When it was added, ms since 1970 by its owner's clock, where the log says so. */
  readonly addedAt?: number
  readonly revoked: boolean
  /** Whether this very device can approve and revoke: it holds the root key. Others need the recovery phrase. */
  readonly holdsRoot?: boolean
}

/** What the old device shows before it approves a new one. */
export interface LinkRequest {
  readonly deviceName?: string
  readonly device: DeviceId
}

export type LinkStep =
  /** Show one of these on the new device. */
  | { readonly step: 'waiting'; readonly qr: string; readonly code: string; readonly expiresAt: number }
  | { readonly step: 'found' }
  | { readonly step: 'approved'; readonly address: string }
