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
