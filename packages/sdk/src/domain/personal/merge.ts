import type { MessageId } from '../../records/ids.ts'
import type { Draft } from '../../records/personal.ts'
import { compareTags, type Register, type Tag } from './register.ts'
import { compareValues, mergeVersions, NO_VERSIONS, overwrite, type Versions } from './versions.ts'

/** How far a person has read, on whatever device: by accepted time, which is the same for all of them. */
export interface ReadPosition {
  readonly message: MessageId
  /** The message's accepted time, ms since 1970 by its hub. */
  readonly at: number
  /** Its place, as the device that wrote this has it: it orders messages of the same ms. */
  readonly place: number
}

/**
 * Two states of one register, as one (personal.md). For every kind it is commutative, associative and idempotent, so
 * devices that hold the same writes hold the same state, in whatever order and however often those came.
 */
export const mergeRegister = (kind: string, a: Register<unknown>, b: Register<unknown>): Register<unknown> => {
  if (kind === 'draft') {
    const value = mergeVersions(versionsOf(a), versionsOf(b))
    return { tag: laterTag(a.tag, b.tag), value }
  }
  if (kind === 'read') {
    const further = comparePositions(a.value as ReadPosition, b.value as ReadPosition)
    return further > 0 || (further === 0 && compareTags(a.tag, b.tag) >= 0) ? a : b
  }
  return (compareTags(a.tag, b.tag) || compareValues(a.value, b.value)) >= 0 ? a : b
}

/** The register after a write of this device that knows `before`. */
export const writeRegister = (
  kind: string,
  before: Register<unknown> | undefined,
  tag: Tag,
  value: unknown,
): Register<unknown> => {
  if (kind === 'draft')
    return { tag, value: overwrite(before === undefined ? NO_VERSIONS : versionsOf(before), tag, value) }
  const written = { tag, value }
  return kind === 'read' && before !== undefined ? mergeRegister(kind, before, written) : written
}

/** What a register says, as the app sees it. */
export const viewOf = (kind: string, { value }: Register<unknown>): unknown =>
  kind === 'draft' ? joinedDraft(value as Versions<Draft>) : value

const laterTag = (a: Tag, b: Tag): Tag => (compareTags(a, b) >= 0 ? a : b)

const versionsOf = ({ value }: Register<unknown>): Versions<Draft> => value as Versions<Draft>

/** Negative if `a` is less far. A missing position is the least. */
const comparePositions = (a: ReadPosition | undefined, b: ReadPosition | undefined): number => {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1)
  return a.at - b.at || a.place - b.place || (a.message < b.message ? -1 : a.message > b.message ? 1 : 0)
}

/** No words are lost: what two devices wrote at once stands one below the other, the older first. */
const joinedDraft = ({ versions }: Versions<Draft>): Draft | undefined => {
  if (versions.length === 0) return undefined
  const texts = [...new Set(versions.map(({ value }) => value.text))].filter((text) => text !== '')
  const replyTo = versions.findLast(({ value }) => value.replyTo !== undefined)?.value.replyTo
  return { text: texts.join('\n'), ...(replyTo === undefined ? {} : { replyTo }) }
}
