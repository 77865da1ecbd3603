import { DchatError } from '@dchat/sdk/errors'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** The longest time that Node's timers can wait, in ms. */
export const LONGEST = 2 ** 31 - 1

/** `500ms`, `30s`, `2m`, `1h`; a bare number is seconds. Throws `usage/invalid-argument`. */
export const parseDuration = (text: string, name: string): number => {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Math.round(Number(number) * UNITS[(unit ?? 's') as keyof typeof UNITS])
  if (number === undefined || ms < 1 || ms > LONGEST)
    throw new DchatError('usage/invalid-argument', { name, reason: 'it is not a time like 500ms, 30s or 2m' })
  return ms
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** `30s`, `5m`, `12h`, `1d`, `4w` in seconds; `off` is 0. Throws `usage/invalid-argument`; the SDK knows the bounds. */
export const parseTimer = (text: string, name: string): number => {
  if (text === 'off') return 0
  const [, number, unit] = /^(\d{1,9})(s|m|h|d|w)$/.exec(text) ?? []
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS]
  if (number === undefined || seconds < 1)
    throw new DchatError('usage/invalid-argument', {
      name,
      reason: 'it is neither "off" nor a time like 12h, 1d or 4w',
    })
  return seconds
}

const NAMES = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** `1 day`, `90 minutes`: in the largest unit that leaves no rest. */
export const timerText = (seconds: number): string => {
  const [unit, name] = NAMES.find(([size]) => seconds % size === 0) ?? [1, 'second']
  const count = seconds / unit
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
