/** Own devices, as plain JSON. Field names as in the SDK. */

export interface DeviceView {
  readonly id: string
  readonly name?: string
  readonly isThis: boolean
  /** ms since 1970, where the identity log says so. */
  readonly addedAt?: number
  readonly revoked: boolean
  /** Of this very device: whether it approves and revokes without the recovery phrase. */
  readonly holdsRoot?: boolean
}

/** A new device that waits to be let in. */
export interface LinkView {
  readonly device: string
  readonly name?: string
}

interface Patient {
  /** ms for any relay. */
  readonly patience?: number
}

export interface DeviceCalls {
  'devices.rename': { params: { readonly device: string; readonly name: string }; result: DeviceView }
  'devices.revoke': {
    params: Patient & { readonly device: string; readonly phrase?: string }
    result: DeviceView
  }
  /** Finds the new device that shows a code. May be repeated, as the two that follow. */
  'devices.find': { params: Patient & { readonly code: string }; result: LinkView }
  'devices.approve': {
    params: Patient & { readonly code: string; readonly name?: string; readonly phrase?: string }
    result: DeviceView
  }
  'devices.refuse': { params: Patient & { readonly code: string }; result: Record<never, never> }
}

export interface DeviceStreams {
  'devices.list': { params: Record<never, never>; item: DeviceView }
}
