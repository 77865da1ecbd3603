import type { Device, LinkRequest } from '../../records/device.ts'
import type { DeviceId } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'

/** A new device as the old one sees it before it decides. */
export interface PendingLink extends LinkRequest {
  /** Certifies the device, and gives it what it needs; resolves when it has it. */
  approve(options?: Abortable & { name?: string; phrase?: string }): Promise<Device>
  refuse(): Promise<void>
}

export interface Devices {
  list(): Promise<readonly Device[]>
  /** A name for people, on all own devices. */
  rename(id: DeviceId, name: string): Promise<void>
  /**
   * Out of everything, for good. A device without the root key needs the recovery phrase: `identity/needs-phrase`.
   * Resolves when the home relays have it; conversations follow as their members learn of it.
   */
  revoke(id: DeviceId, options?: Abortable & { phrase?: string }): Promise<void>
  /** Finds the new device by the QR text or the short code that it shows. Throws `identity/no-such-link`. */
  link(qrOrCode: string, options?: Abortable): Promise<PendingLink>
}
