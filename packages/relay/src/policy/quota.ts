import { DchatError } from '@dchat/sdk/wire'

/** Throws `relay/quota` if `used` and `added` together exceed the limit. */
export const withinQuota = (what: string, limit: number, used: number, added: number): void => {
  if (used + added > limit) throw new DchatError('relay/quota', { what, limit })
}

/** What an archive holds. */
export interface ArchiveUse {
  readonly slots: number
  readonly bytes: number
}

/** How an archive changes when a slot that held so many bytes (undefined: none) gets a body of a length; 0 takes it back. */
export const archiveGrowth = (held: number | undefined, length: number): ArchiveUse => ({
  slots: (length > 0 ? 1 : 0) - (held === undefined ? 0 : 1),
  bytes: length - (held ?? 0),
})

/** Throws `relay/quota` for what grows beyond a limit: who is over it can still make it less. */
export const withinArchive = (limits: ArchiveUse, used: ArchiveUse, added: ArchiveUse): void => {
  if (added.slots > 0) withinQuota('archive slots of one identity', limits.slots, used.slots, added.slots)
  if (added.bytes > 0) withinQuota('bytes of one archive', limits.bytes, used.bytes, added.bytes)
}
