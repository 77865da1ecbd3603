import type { DeviceKeys } from '../../protocol/identity/device.ts'
import { type LinkCode, newLinkSecret, newShortCode } from '../../protocol/identity/link-code.ts'
import type { LinkOffer } from '../../protocol/identity/link-messages.ts'
import { beginPairing } from '../../protocol/identity/link-pairing.ts'
import { pakeScalar } from '../../protocol/identity/link-pake.ts'
import type { RelayUrl } from '../../records/ids.ts'

/** One of the two ways to name a link, and the new device's side of its pairing. */
export interface LinkWay {
  /** The short code, or the QR text's secret. */
  readonly code: string
  readonly sid: Uint8Array
  readonly scalar: Uint8Array
}

/** meta/link on the new device: everything that it needs to go on with after it was killed. */
export interface NewLinkRecord {
  /** Kept over every attempt: who approves twice approves one device. */
  readonly keys: DeviceKeys
  readonly deviceName?: string
  readonly attempt?: LinkAttempt
  /** The identity is stored; the old device may not have heard so. */
  readonly stored?: Uint8Array
}

export interface LinkAttempt {
  readonly relay: RelayUrl
  readonly expiresAt: number
  readonly short: LinkWay
  readonly long: LinkWay
  /** The way that was taken, and the one answer that counts: there is one guess. */
  readonly answered?: { readonly way: 'short' | 'long'; readonly answer: Uint8Array }
  /** What was said to it. */
  readonly reply?: Uint8Array
}

const newWay = (random: (length: number) => Uint8Array, code: string): LinkWay => ({
  code,
  sid: random(16),
  scalar: pakeScalar(random),
})

export const newAttempt = (
  random: (length: number) => Uint8Array,
  relay: RelayUrl,
  expiresAt: number,
): LinkAttempt => ({
  relay,
  expiresAt,
  short: newWay(random, newShortCode(random)),
  long: newWay(random, newLinkSecret(random)),
})

/** What a way says to the other side, and where. */
export const offerOf = (code: LinkCode, { sid, scalar }: LinkWay): LinkOffer => beginPairing(code, sid, scalar)

/** meta/linking/<hex slot> on the old device: it goes on with the same answer, because there is one guess. */
export interface OldLinkRecord {
  readonly relay: RelayUrl
  readonly expiresAt: number
  readonly offer: Uint8Array
  readonly scalar: Uint8Array
  /** What the new device is given, once it was approved. */
  readonly grant?: readonly Uint8Array[]
  /** The device that has everything: the link is over, and whoever asks again is told the same. */
  readonly done?: Uint8Array
}
