/** What the self-test looks at, as docs/relay.md lists it. */
export const CHECKS = [
  'address',
  'name',
  'port',
  'certificate',
  'websocket',
  'hello',
  'clock',
  'time',
  'disk',
  'flush',
  'files',
  'memory',
] as const
export type CheckName = (typeof CHECKS)[number]

/** One thing that was looked at: how it is, in one plain line that says what to do where it is not well. */
export interface Check {
  readonly check: CheckName
  /** `note`: nothing is wrong, and something was not looked at. */
  readonly state: 'ok' | 'note' | 'warn' | 'fail'
  readonly text: string
}

export const ok = (check: CheckName, text: string): Check => ({ check, state: 'ok', text })
export const note = (check: CheckName, text: string): Check => ({ check, state: 'note', text })
export const warn = (check: CheckName, text: string): Check => ({ check, state: 'warn', text })
export const fail = (check: CheckName, text: string): Check => ({ check, state: 'fail', text })

/** Bytes for people. */
export const sizeText = (bytes: number): string => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`
}
