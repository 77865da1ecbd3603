import type { DeviceId } from '../../records/ids.ts'

/**
 * When a register was written: a hybrid logical clock, so that what was written later with knowledge of the earlier wins
 * whatever the clocks say, and the device that breaks ties (personal.md).
 */
export interface Tag {
  /** ms since 1970 of the writer, or one more than the greatest it had seen. */
  readonly time: number
  readonly device: DeviceId
}

/** One register. `value` undefined: it was taken back. */
export interface Register<T> {
  readonly tag: Tag
  readonly value: T | undefined
}

/** Negative if `a` is older. Two tags of different writes are never equal. */
export const compareTags = (a: Tag, b: Tag): number =>
  a.time - b.time || (a.device < b.device ? -1 : a.device > b.device ? 1 : 0)

/** The next tag of a device that has seen everything up to `seen`. */
export const nextTag = (now: number, device: DeviceId, seen: number): Tag => ({ time: Math.max(now, seen + 1), device })
