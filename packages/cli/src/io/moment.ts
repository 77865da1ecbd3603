import { DchatError } from '@dchat/sdk/errors'

const AGO = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

const invalid = (name: string): DchatError =>
  new DchatError('usage/invalid-argument', {
    name,
    reason: 'it is neither a day like 2026-11-21, a time like 2026-11-21T18:30, nor an age like 3h, 7d or 4w',
  })

/**
 * A moment in ms since 1970: a day (its beginning) or a time where the computer stands, a time with its zone, or how long
 * ago. Throws `usage/invalid-argument`.
 */
export const parseMoment = (text: string, name: string, now: number): number => {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? []
  if (count !== undefined) return now - Number(count) * AGO[unit as keyof typeof AGO]
  const [, year, month, day, time = 'T00:00', zone = ''] =
    /^(\d{4})-(\d\d)-(\d\d)(?:(T\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? []
  const ms = Date.parse(`${year}-${month}-${day}${time}${zone}`)
  // A date that no calendar has is moved on by some engines instead of being refused.
  const isReal = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  if (!Number.isSafeInteger(ms) || ms < 0 || !isReal) throw invalid(name)
  return ms
}
