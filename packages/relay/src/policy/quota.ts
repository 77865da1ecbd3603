import { DchatError } from '@dchat/sdk/wire'

/** Throws `relay/quota` if `used` and `added` together exceed the limit. */
export const withinQuota = (what: string, limit: number, used: number, added: number): void => {
  if (used + added > limit) throw new DchatError('relay/quota', { what, limit })
}
