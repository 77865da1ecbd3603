import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import { toHex } from '../../util/bytes.ts'
import { personOf } from './permissions.ts'

/** Changes that are kept; older ones are not made again. */
const KEPT = 64

/** Who made a change: this device, another one of its person, or somebody else. */
export type MadeBy = 'device' | 'person' | 'others'

/** What was done: a change of the control state, or a device of the own person that was let in. */
export type Done = ControlChange | { readonly kind: 'devices' }

/** A commit's change as it is kept, in case that a handover undoes it (hubs.md). */
export interface ChangeMark {
  /** The epoch that its commit ended. */
  readonly ended: number
  readonly by: MadeBy
  readonly what: Done
  /** What the changed thing was before. */
  readonly before: string
}

/** A change that a handover has undone, and that is to be made again. */
export interface Undone {
  readonly by: MadeBy
  readonly what: Done
  /** The changed thing as it was at the epoch from which the conversation went on. */
  readonly base: string
  /** And as this change left it. */
  readonly after: string
}

/** What a change is of: of several changes of one thing the last one is what holds. Undefined: it is never made again. */
const thingOf = (what: Done): string | undefined => {
  switch (what.kind) {
    case 'add':
    case 'remove':
    case 'left':
      return `person ${what.address}`
    case 'role':
      return `role ${what.address}`
    case 'bot':
    case 'unbot':
      return `bot ${what.address}`
    case 'pin':
    case 'unpin':
      return `pin ${what.message}`
    case 'move':
    case 'handover':
    case 'successor':
      return undefined
    default:
      return what.kind
  }
}

export const isSameThing = (a: Done, b: Done): boolean => thingOf(a) === thingOf(b)

/** The thing that a change is of, so that two states can be compared in it. */
export const stateOf = (snapshot: Snapshot, what: Done): string => {
  switch (what.kind) {
    case 'name':
      return snapshot.name
    case 'timer':
      return String(snapshot.timer)
    case 'picture': {
      const { picture } = snapshot
      return picture === undefined ? '' : toHex(hashOf('picture', [picture.mediaType, picture.bytes]))
    }
    case 'hubs':
      return (snapshot.hubs ?? []).map(({ url, key }) => `${url} ${toHex(key)}`).join()
    case 'role':
      return personOf(snapshot, what.address)?.role ?? ''
    case 'add':
    case 'remove':
    case 'left':
      return String(personOf(snapshot, what.address)?.since ?? '')
    case 'pin':
    case 'unpin':
      return String(snapshot.pins.includes(what.message))
    case 'bot':
    case 'unbot': {
      const bot = snapshot.bots?.find(({ address }) => address === what.address)
      return bot === undefined ? '' : toHex(hashOf('bot', [bot.manifest, bot.channel?.room ?? null]))
    }
    case 'commit-key':
      // One that is renewed is the same thing.
      return snapshot.commitKey?.keepers ?? ''
    default:
      return ''
  }
}

const isTracked = ({ what }: Pick<ChangeMark, 'what'>): boolean => thingOf(what) !== undefined

/** Keeps a commit's changes; of those that a later one of the same thing has replaced, no more than what was before. */
export const noted = <T extends ChangeMark>(marks: readonly T[], added: readonly T[]): readonly T[] => {
  const tracked = added.filter(isTracked)
  const things = new Set(tracked.map(({ what }) => thingOf(what)))
  const slim = marks.map((mark) =>
    mark.what.kind === 'picture' && things.has('picture') ? { ...mark, what: { kind: 'picture' } as const } : mark,
  )
  return [...slim, ...tracked].slice(-KEPT)
}

/**
 * What of the marked changes is to be made again where the conversation goes on without them: of each thing the last
 * change, in their order. `earlier`: what an earlier handover has undone and was not made again yet.
 */
export const undoneOf = (
  marks: readonly ChangeMark[],
  last: Snapshot,
  earlier: readonly Undone[] = [],
): readonly Undone[] => {
  const byThing = new Map<string, Undone>()
  const take = (undone: Undone): void => {
    const thing = thingOf(undone.what) as string
    const base = byThing.get(thing)?.base ?? undone.base
    byThing.delete(thing)
    byThing.set(thing, { ...undone, base })
  }
  for (const undone of earlier) take(undone)
  for (const { by, what, before: base } of marks.filter(isTracked)) take({ by, what, base, after: stateOf(last, what) })
  return [...byThing.values()].filter((undone) => isWanted(undone))
}

/** Others make their own changes again; only who was taken out, or went, is out by the hand of anybody who may. */
const isWanted = ({ by, what, base, after }: Undone): boolean => {
  if (what.kind === 'devices') return true
  if (by === 'others' && what.kind !== 'remove' && what.kind !== 'left') return false
  // Whose role it was is gone since, by a change that is made again itself.
  if (what.kind === 'role' && after !== what.role) return false
  return base !== after
}

/** Nobody changed the same thing where the conversation went on: what was changed there stays, and who was taken out there stays out. */
export const isDue = (now: Snapshot, { what, base }: Undone): boolean =>
  what.kind === 'devices' || stateOf(now, what) === base
