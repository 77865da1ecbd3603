/** Midnight of the day, by this machine's time zone: the same number for all times of one day. */
export const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

/** How long a disappearing message stays, in words: "30 seconds", "1 week". 0: "Off". */
export const durationLabel = (seconds: number): string => {
  if (seconds <= 0) return 'Off'
  const [size, word] = UNITS.find(([unit]) => seconds % unit === 0) ?? UNITS[UNITS.length - 1] ?? [1, 'second']
  const count = seconds / size
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

const UNITS = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const
