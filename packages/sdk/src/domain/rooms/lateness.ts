/** messages.md: how long an entry of an ended epoch still counts. */
export const LATE_ENTRIES = 64
export const LATE_COMMITS = 4

/** A commit as the rule remembers it: the epoch that it ended, its place, and the devices it took out. */
export interface CommitMark {
  readonly ended: number
  readonly seq: number
  /** Hex of the removed device keys. */
  readonly removed: readonly string[]
}

export interface LateEntry {
  readonly seq: number
  readonly epoch: number
  /** Hex of the author's device key. */
  readonly author: string
}

/** Where a room stands: its epoch, and the one in which its present topic began. */
export interface Epochs {
  readonly current: number
  readonly first: number
}

/**
 * Order decides, never decryptability: an entry counts if it stands before the commit that ended its epoch, or within
 * 64 entries and 4 commits after it while its author is still a leaf and no removal of the author lies between. Nothing of
 * an epoch that was over when its topic began belongs to that topic.
 */
export const counts = (
  entry: LateEntry,
  { current, first }: Epochs,
  commits: readonly CommitMark[],
  isLeaf: (author: string) => boolean,
): true | string => {
  if (entry.epoch > current) return 'it names an epoch that does not exist yet'
  if (entry.epoch < first) return 'its epoch was over when the topic began'
  if (!isLeaf(entry.author)) return 'its author is no member any more'
  if (entry.epoch === current) return true
  if (current - entry.epoch > LATE_COMMITS) return 'more than 4 commits lie between'
  const ending = commits.find(({ ended }) => ended === entry.epoch)
  if (ending === undefined) return 'the end of its epoch is not known'
  if (entry.seq - ending.seq > LATE_ENTRIES) return 'more than 64 entries lie between'
  const removed = commits.some(({ ended, removed }) => ended >= entry.epoch && removed.includes(entry.author))
  return removed ? 'its author was removed in between' : true
}

/** Keeps what `counts` can still ask for. */
export const remember = (commits: readonly CommitMark[], mark: CommitMark): readonly CommitMark[] =>
  [...commits, mark].slice(-(LATE_COMMITS + 1))
