import type { CborValue } from '../../protocol/wire/cbor.ts'
import { encodeCbor } from '../../protocol/wire/cbor.ts'
import { compareBytes } from '../../util/bytes.ts'
import { compareTags, type Tag } from './register.ts'

export interface Version<T> {
  readonly tag: Tag
  readonly value: T
}

/**
 * A register in which nothing is lost that two devices wrote at once: what they wrote stands side by side until somebody
 * writes with knowledge of all of it (personal.md).
 */
export interface Versions<T> {
  /** In the order of their tags; none of them was written with knowledge of another one. */
  readonly versions: readonly Version<T>[]
  /** The newest write of each device that is in it or was overwritten by what is in it: ms by device. */
  readonly seen: Readonly<Record<string, number>>
}

export const NO_VERSIONS: Versions<never> = { versions: [], seen: {} }

/** A write that knows all of `before`; undefined takes it back. The tag is newer than every one that its device gave before. */
export const overwrite = <T>({ seen }: Versions<T>, tag: Tag, value: T | undefined): Versions<T> => ({
  versions: value === undefined ? [] : [{ tag, value }],
  seen: { ...seen, [tag.device]: tag.time },
})

/** What both know: commutative, associative, idempotent. */
export const mergeVersions = <T>(a: Versions<T>, b: Versions<T>): Versions<T> => {
  const versions = [
    ...a.versions.filter((version) => stands(version, b)),
    ...b.versions.filter((version) => stands(version, a)),
  ]
  const unique = versions.filter((version, at) => versions.findIndex((other) => isSame(version, other)) === at)
  const devices = new Set([...Object.keys(a.seen), ...Object.keys(b.seen)])
  return {
    versions: unique.sort((x, y) => compareTags(x.tag, y.tag) || compareValues(x.value, y.value)),
    seen: Object.fromEntries([...devices].map((device) => [device, Math.max(lastOf(a, device), lastOf(b, device))])),
  }
}

const lastOf = ({ seen }: Versions<unknown>, device: string): number => seen[device] ?? -1

/** It is there too, or was never seen there. */
const stands = <T>(version: Version<T>, other: Versions<T>): boolean =>
  version.tag.time > lastOf(other, version.tag.device) ||
  other.versions.some((known) => compareTags(known.tag, version.tag) === 0)

const isSame = <T>(a: Version<T>, b: Version<T>): boolean =>
  compareTags(a.tag, b.tag) === 0 && compareValues(a.value, b.value) === 0

/** An order of values that every device agrees on. */
export const compareValues = (a: unknown, b: unknown): number =>
  compareBytes(encodeCbor((a ?? null) as CborValue), encodeCbor((b ?? null) as CborValue))
