/** A commit that took a device out: the epoch that it ended, and where it stands. */
export interface Removal {
  readonly epoch: number
  readonly seq: number
}

/**
 * Reading (topic.md): a topic key opens everything up to and including the next removing commit.
 * `epoch` is the newest one whose key was proven, `removal` the first removing commit that ended it or a later epoch.
 * Returns the last seq that may be read.
 */
export const readsUpTo = (epoch: number | undefined, removal: Removal | undefined): number =>
  epoch === undefined ? 0 : (removal?.seq ?? Number.POSITIVE_INFINITY)

/** What the rule for writing looks at. */
export interface WriteState {
  readonly epoch: number
  readonly key: Uint8Array
  readonly previousKey: Uint8Array | null
  readonly removed: boolean
}

export type WriteVerdict = 'allowed' | 'wrong-epoch' | 'not-permitted'

/**
 * Writing (topic.md): the current key; the previous one only if no removal lies between, only for application
 * entries. A commit ends the current epoch or none. `proved` tells whether the connection showed a key.
 */
export const mayWrite = (
  state: WriteState,
  entry: { readonly kind: 'application' | 'commit'; readonly epoch: number },
  proved: (key: Uint8Array) => boolean,
): WriteVerdict => {
  const current = proved(state.key)
  const previous = state.previousKey !== null && proved(state.previousKey)
  if (!current && !previous) return 'not-permitted'
  if (entry.epoch === state.epoch) return current ? 'allowed' : 'not-permitted'
  if (entry.kind === 'application' && entry.epoch === state.epoch - 1 && !state.removed) return 'allowed'
  return 'wrong-epoch'
}

/** Signals go to and come from members of now: the current key, or the one before if nobody was removed since. */
export const mayHear = (state: WriteState, proved: (key: Uint8Array) => boolean): boolean =>
  proved(state.key) || (!state.removed && state.previousKey !== null && proved(state.previousKey))
