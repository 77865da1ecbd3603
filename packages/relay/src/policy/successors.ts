/** Items of a successor list whose writers had shown no newer key than that of `epoch`: at most `items`. */
export interface SuccessorBound {
  readonly epoch: number
  readonly items: number
}

/**
 * Which bounds a writer has to keep. Whoever was removed keeps old keys for ever, and whoever spends an epoch with a void
 * commit has a key that nobody else follows. So holders of keys from before the last two epochs fill at most half of a
 * list, together with holders of the one before last at most three quarters, and the rest takes the current key alone.
 * `limit` in items of the list, `current`: the topic's epoch, `shown`: the newest epoch whose key the writer has shown.
 */
export const successorBounds = (limit: number, current: number, shown: number): SuccessorBound[] =>
  [
    { epoch: current - 2, items: Math.ceil(limit / 2) },
    { epoch: current - 1, items: Math.ceil((limit * 3) / 4) },
    { epoch: current, items: limit },
  ].filter(({ epoch }) => shown <= epoch)
