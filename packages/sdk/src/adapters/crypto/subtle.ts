import { DchatError } from '../../errors.ts'

/** WebCrypto as browsers and Node type it alike. */
export type Subtle = typeof globalThis.crypto.subtle
export type PlatformKey = Awaited<ReturnType<Subtle['importKey']>>

/** Throws `usage/invalid-argument` where the platform keeps WebCrypto from the page: anywhere but https and localhost. */
export const subtle = (): Subtle => {
  const { subtle: found } = globalThis.crypto as { subtle?: Subtle }
  if (found !== undefined) return found
  throw new DchatError('usage/invalid-argument', {
    name: 'location',
    reason: 'browsers have cryptography on pages from https and from localhost only',
  })
}
