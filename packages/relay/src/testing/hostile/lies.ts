/** What a hostile relay tells its victims. Each is one row of docs/protocol/hostile-relays.md. */
export const LIES = [
  /** Leaves an entry out. */
  'drop',
  /** Hands two entries out in the wrong order. */
  'reorder',
  /** Hands an entry out twice. */
  'replay',
  /** Hands out another body than the one that the receipt is for. */
  'rewrite',
  /** Hands out an entry whose receipt nobody signed. */
  'forge',
  /** Signs a time before that of the entry before it. */
  'backdate',
  /** Signs an entry that does not follow from the one before it. */
  'break',
  /** Leaves an entry out and signs all that follows as if it had never been: one history for the victim, one for others. */
  'fork',
  /** Signs an entry a second time, at the next place. */
  'repeat',
  /** Signs a place for an entry and delivers nothing from there on. */
  'withhold',
  /** Serves identity logs without their last entry, also those that it has just taken. */
  'stale-log',
  /** Answers with a key package of its own. */
  'own-key-package',
] as const
export type Lie = (typeof LIES)[number]

/** Lies that it signs with its own key, as a history that holds by itself. */
export const SIGNED: ReadonlySet<Lie> = new Set(['backdate', 'break', 'fork', 'repeat'])
