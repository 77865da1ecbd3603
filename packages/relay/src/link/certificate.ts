import { createSecureContext } from 'node:tls'
import { DchatError } from '@dchat/sdk/wire'

/** PEM. */
export interface Certificate {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** The same one, if a server can use it; else throws `usage/invalid-argument`. */
export const checkedCertificate = (tls: Certificate): Certificate => {
  try {
    createSecureContext({ ...tls })
    return { ...tls }
  } catch (cause) {
    throw new DchatError(
      'usage/invalid-argument',
      { name: 'tlsCert', reason: 'certificate and key are not PEM, or do not belong together' },
      { cause },
    )
  }
}
