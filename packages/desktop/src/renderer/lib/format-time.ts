const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const longDayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' })

const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

/** How many midnights lie between; a day of a clock change has 23 or 25 hours. */
const daysBetween = (from: number, to: number): number => Math.round((midnight(to) - midnight(from)) / DAY)

/** "14:02". All times are ms since 1970. */
export const formatClock = (at: number): string => clock.format(at)

/** Date and time, in full. */
export const formatFull = (at: number): string => full.format(at)

/** For lists: "now", "5 min", "3 h" up to a day, then "Tue", then "4 Mar", with the year when it is another one. */
export const formatRelative = (at: number, now: number): string => {
  const age = now - at
  if (age < MINUTE) return 'now'
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`
  if (age < DAY) return `${Math.floor(age / HOUR)} h`
  if (daysBetween(at, now) < 7) return weekday.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayAndMonth.format(at) : date.format(at)
}

/** Above the messages of a day: "Today", "Yesterday", "Tuesday 4 March". */
export const formatDay = (at: number, now: number): string => {
  const days = daysBetween(at, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? longDay.format(at) : longDayAndYear.format(at)
}

/** "2 d", "45 min": one unit, rounded down, so that it never promises too much. */
export const formatDuration = (ms: number): string => {
  if (ms >= 2 * DAY) return `${Math.floor(ms / DAY)} d`
  if (ms >= 2 * HOUR) return `${Math.floor(ms / HOUR)} h`
  if (ms >= MINUTE) return `${Math.floor(ms / MINUTE)} min`
  return 'less than a minute'
}

/** How far two clocks are apart, in words: "3 hours", "12 minutes". */
export const formatApart = (ms: number): string => {
  const apart = Math.abs(ms)
  const [unit, size] =
    apart >= 2 * DAY
      ? (['day', DAY] as const)
      : apart >= HOUR
        ? (['hour', HOUR] as const)
        : (['minute', MINUTE] as const)
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(
    apart / size,
  )
}

/** Until an end: "45 min left", "over". */
export const formatLeft = (end: number, now: number): string =>
  end <= now ? 'over' : `${formatDuration(end - now)} left`
